"""Personal tokens: made, found by what a program sends, revoked. A token can do no more than its
person: scopes only take away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.utils import timezone

from benchruns import audit
from benchruns.credentials import PERSON_PREFIX, hashed, new_api_token
from benchruns.models import ApiToken, Scope
from benchruns.models.teams import teams_of

MOST: Final = 50
"""Good tokens of one person: enough for every program, few enough to look through."""

START: Final = len(PERSON_PREFIX) + 4
NOTED_EVERY: Final = timedelta(minutes=1)
"""`last_used_at` is for people; a program that asks every second does not write every second."""


class TokenRefused(ValueError):
    """Why no token was made, in a sentence."""


def make(
    person: User, name: str, scopes: Collection[Scope], lives: timedelta | None
) -> tuple[ApiToken, str]:
    """The token's row and its clear text, which is shown once. `lives` None: until revoked.

    Raises TokenRefused.
    """
    if ApiToken.objects.good(timezone.now()).filter(user=person).count() >= MOST:
        raise TokenRefused(f"You have {MOST} tokens, which is the most: revoke one first.")
    secret, now = new_api_token(), timezone.now()
    row = ApiToken.objects.create(
        user=person,
        name=name,
        token_hash=hashed(secret),
        start=secret[:START],
        scopes=[scope.value for scope in Scope if scope in scopes],
        made_at=now,
        expires_at=now + lives if lives else None,
    )
    _tell(row, "token.made")
    return row, secret


def revoke(token: ApiToken) -> None:
    """From the next request on it opens nothing. A repeat changes nothing."""
    good = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if good.update(revoked_at=timezone.now()):
        _tell(token, "token.revoked")


def find(secret: str) -> ApiToken | None:
    """The good token with that clear text. Unknown, revoked and expired ones look alike."""
    if not secret.startswith(PERSON_PREFIX):
        return None
    now = timezone.now()
    found = ApiToken.objects.good(now).select_related("user").filter(token_hash=hashed(secret))
    token = found.first()
    if token is not None:
        _note(token, now)
    return token


def _note(token: ApiToken, now: datetime) -> None:
    used = token.last_used_at
    if used is None or used < now - NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _tell(token: ApiToken, verb: str) -> None:
    """Every team of theirs may know: the token reaches what is that team's."""
    for team in teams_of(token.user):
        audit.record(token.user, team, verb, token.name, scopes=token.scopes)

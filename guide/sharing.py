"""Links that last: how they are made, who may take one back, and until when it holds."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from benchruns.credentials import hashed
from benchruns.models.teams import Person
from guide.models import LinkControl, SharedRecommendation
from recommender.recommendation import Recommendation

KEY_PREFIX: Final = "rgl_"
LASTS: Final = {"": None, "7": 7, "30": 30, "365": 365}
"""Days a link may be asked to hold; without a number it holds for good."""


class BadLasting(ValueError):
    """Nobody offers a link of that length; the sentence says which there are."""


def lasting(given: str) -> int | None:
    """Days, None for good. Raises BadLasting."""
    if given not in LASTS:
        offered = ", ".join(name for name in LASTS if name)
        msg = f"A link lasts {offered} days, or for good without a number; not {given[:20]!r}."
        raise BadLasting(msg)
    return LASTS[given]


@transaction.atomic
def make_link(
    rec: Recommendation, user: Person, days: int | None
) -> tuple[SharedRecommendation, str]:
    """The link, and the key that takes it back; "" where its owner is known and needs none."""
    kept = SharedRecommendation.of(rec)
    known = user.is_authenticated
    key = "" if known else KEY_PREFIX + secrets.token_urlsafe(16)
    LinkControl.objects.create(
        shared=kept,
        owner_id=user.pk if known else None,
        key_hash=hashed(key) if key else "",
        expires_at=None if days is None else kept.created_at + timedelta(days=days),
    )
    return kept, key


def may_revoke(kept: SharedRecommendation, user: Person, key: str) -> bool:
    """Its owner, or whoever has its key."""
    control = control_of(kept)
    if control is None:
        return False
    if owns(kept, user):
        return True
    return bool(key and control.key_hash) and secrets.compare_digest(hashed(key), control.key_hash)


def owns(kept: SharedRecommendation, user: Person) -> bool:
    control = control_of(kept)
    return control is not None and user.is_authenticated and control.owner_id == user.pk


def revoke(kept: SharedRecommendation) -> None:
    """Nobody finds it any more. Twice is as good as once."""
    LinkControl.objects.filter(shared=kept, revoked_at=None).update(revoked_at=timezone.now())


def control_of(kept: SharedRecommendation) -> LinkControl | None:
    """None for links from before they could be taken back."""
    found: LinkControl | None = getattr(kept, "control", None)
    return found

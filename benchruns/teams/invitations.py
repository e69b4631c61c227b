"""Links that make whoever opens them a member; the first owner of the site comes by one too."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from benchruns import audit
from benchruns.credentials import hashed, new_invitation
from benchruns.models import Invitation, Membership, Role, Team
from benchruns.teams.refused import TeamRefused

LIVES: Final = timedelta(days=7)
SETUP_LIVES: Final = timedelta(hours=24)
MOST_OPEN: Final = 100


@transaction.atomic
def invite(actor: User, team: Team, role: Role, email: str = "") -> tuple[Invitation, str]:
    """The invitation and its token in clear text, which is kept nowhere. Raises TeamRefused."""
    email = email.strip()
    if email:
        _check_email(email)
    if open_ones(team).count() >= MOST_OPEN:
        raise TeamRefused(f"{MOST_OPEN} invitations are open, which is the most: withdraw some.")
    made, token = _make(team, role, LIVES, email=email, made_by=actor)
    audit.record(actor, team, "member.invited", email or "anybody with the link", role=role)
    return made, token


@transaction.atomic
def invite_first_owner() -> str:
    """The token of a link that makes its user the owner of this site; "" when there is one.

    Each makes those before it worthless.
    """
    team = Team.embedded()
    if Membership.objects.filter(team=team, role=Role.OWNER).exists():
        return ""
    _setups().update(withdrawn_at=timezone.now())
    return _make(team, Role.OWNER, SETUP_LIVES)[1]


def find(token: str) -> Invitation | None:
    """None for what is unknown, used, withdrawn or too old: they look alike."""
    found = Invitation.objects.open(timezone.now()).filter(token_hash=hashed(token))
    return found.select_related("team", "made_by").first()


def open_ones(team: Team) -> QuerySet[Invitation]:
    return Invitation.objects.open(timezone.now()).filter(team=team).select_related("made_by")


@transaction.atomic
def accept(user: User, invitation: Invitation) -> Membership:
    """Makes `user` a member, once. Raises TeamRefused; then the invitation stays as it was."""
    _check_is_theirs(user, invitation)
    if Membership.objects.filter(user=user, team=invitation.team).exists():
        raise TeamRefused(f"You are a member of {invitation.team.name} already.")
    if invitation.role == Role.OWNER and _has_owner(invitation.team):
        raise TeamRefused(f"{invitation.team.name} has an owner by now.")
    now = timezone.now()
    ones = Invitation.objects.open(now).filter(pk=invitation.pk)
    # The update itself looks at `used_at` again: two who click at once must not both come in.
    unused = Invitation.objects.filter(pk__in=list(ones.values_list("pk", flat=True)), used_at=None)
    if not unused.update(used_at=now, used_by=user):
        raise TeamRefused("This invitation was used already, withdrawn, or is too old.")
    member = Membership.objects.create(user=user, team=invitation.team, role=invitation.role)
    audit.record(user, invitation.team, "member.joined", role=invitation.role)
    return member


@transaction.atomic
def withdraw(actor: User, invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk, used_at=None).update(withdrawn_at=timezone.now())
    audit.record(actor, invitation.team, "invitation.withdrawn", invitation.email)


def _check_is_theirs(user: User, invitation: Invitation) -> None:
    """An address counts once it was confirmed: anybody can claim one."""
    email = invitation.email
    if not email:
        return
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    if not confirmed.exists():
        raise TeamRefused(
            f"This invitation is for {email}. Add that address to your account and confirm it, "
            "or sign in with the account that has it."
        )


def _has_owner(team: Team) -> bool:
    # The row of the team is the lock: two first owners at once would be one too many.
    Team.objects.select_for_update().get(pk=team.pk)
    return Membership.objects.filter(team=team, role=Role.OWNER).exists()


def _setups() -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        team=Team.embedded(), role=Role.OWNER, used_at=None, withdrawn_at=None
    )


def _make(
    team: Team, role: Role, lives: timedelta, *, email: str = "", made_by: User | None = None
) -> tuple[Invitation, str]:
    token = new_invitation()
    made = Invitation.objects.create(
        team=team,
        token_hash=hashed(token),
        role=role,
        email=email,
        made_by=made_by,
        expires_at=timezone.now() + lives,
    )
    return made, token


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise TeamRefused(
            f"email: {email[:100]!r} is no address; leave it empty for a link that anybody may use."
        ) from error

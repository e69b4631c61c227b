"""Who is in a team and as what. A team always has an owner."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from benchruns import audit
from benchruns.models import Membership, Role, Team
from benchruns.permits import Act, may
from benchruns.teams.lifecycle import check_typed
from benchruns.teams.refused import TeamRefused

GIVEN: Final = (Role.ADMIN, Role.MEMBER, Role.VIEWER)
"""Roles that are given by invitation or by a change; a team is handed on, not given."""

LAST_OWNER: Final = (
    "A team needs an owner, and this is its only one: offer the team to somebody first."
)
OWNERS_ONLY: Final = "Only an owner changes what owners are."
NO_LONGER: Final = "Only owners and admins change members, and you are neither by now."
GONE: Final = "This person is no member of the team any more."


def given_role(text: str) -> Role:
    """Raises TeamRefused with the roles there are."""
    if text not in GIVEN:
        raise TeamRefused(f"role: {text[:40]!r} is none of {', '.join(GIVEN)}.")
    return Role(text)


@transaction.atomic
def change_role(actor: User, member: Membership, role: Role) -> None:
    """Raises TeamRefused."""
    member = _held(member)
    _check_touches(actor, member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    audit.record(
        actor, member.team, "member.role", member.user.get_username(), before=before, now=role
    )


@transaction.atomic
def remove(actor: User, member: Membership) -> None:
    """Raises TeamRefused."""
    member = _held(member)
    _check_touches(actor, member)
    _end(member)
    audit.record(actor, member.team, "member.removed", member.user.get_username())


@transaction.atomic
def leave(member: Membership) -> None:
    """Raises TeamRefused for the last owner."""
    member = _held(member)
    _check_not_last_owner(member)
    _end(member)
    audit.record(member.user, member.team, "member.left")


def _held(member: Membership) -> Membership:
    """What they are by now, and stay until the transaction ends. Raises TeamRefused.

    The row of the team is the lock: two owners who leave at once must not both be let go, and
    who was made the owner in the meantime is no longer what the page said.
    """
    Team.objects.select_for_update().get(pk=member.team_id)
    members = Membership.objects.filter(pk=member.pk).select_related("user", "team")
    if (found := members.first()) is None:
        raise TeamRefused(GONE)
    return found


def _end(member: Membership) -> None:
    Team.objects.filter(pk=member.team_id, offered_to=member.user_id).update(offered_to=None)
    member.delete()


def _check_touches(actor: User, member: Membership) -> None:
    """`member` is held, so that the actor's role is what it is by now as well."""
    if not may(actor, member.team, Act.MANAGE):
        raise TeamRefused(NO_LONGER)
    if member.role == Role.OWNER and not may(actor, member.team, Act.OWN):
        raise TeamRefused(OWNERS_ONLY)
    _check_not_last_owner(member)


def _check_not_last_owner(member: Membership) -> None:
    owners = Membership.objects.filter(team=member.team_id, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise TeamRefused(LAST_OWNER)


@transaction.atomic
def offer(actor: User, team: Team, username: str, typed: str) -> User:
    """Offers the team to one of its members, who has to accept. Raises TeamRefused."""
    check_typed(team, typed)
    others = Membership.objects.filter(team=team).exclude(user=actor)
    found = others.filter(user__username=username).select_related("user").first()
    if found is None:
        raise TeamRefused(f"{username[:150]!r} is no other member of {team.name}: invite them.")
    Team.objects.filter(pk=team.pk).update(offered_to=found.user)
    audit.record(actor, team, "team.offered", username)
    return found.user


@transaction.atomic
def take(actor: User, team: Team, typed: str) -> None:
    """Who was offered the team becomes its owner, whoever owned it an admin. Raises TeamRefused."""
    check_typed(team, typed)
    if not Team.objects.filter(pk=team.pk, offered_to=actor).update(offered_to=None):
        raise TeamRefused(f"{team.name} is not offered to you, or no longer.")
    members = Membership.objects.filter(team=team)
    owners = members.filter(role=Role.OWNER).exclude(user=actor).select_related("user")
    before = [member.user.get_username() for member in owners]
    members.filter(role=Role.OWNER).exclude(user=actor).update(role=Role.ADMIN)
    members.filter(user=actor).update(role=Role.OWNER)
    audit.record(actor, team, "team.transferred", ", ".join(before))


def decline(team: Team) -> None:
    """The offer is gone, whoever takes it back: the owner, or who was to have the team."""
    Team.objects.filter(pk=team.pk).update(offered_to=None)

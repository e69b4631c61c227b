"""Who may do what with what belongs to a team: one table, asked everywhere.

| act | viewer | member | admin | owner |
|---|---|---|---|---|
| VIEW: hosts, runs, results, members | yes | yes | yes | yes |
| RUN: start and cancel measurements | | yes | yes | yes |
| ATTACH: attach, rename, pause, rotate, revoke hosts | | | yes | yes |
| MANAGE: members, invitations, the audit log | | | yes | yes |
| OWN: transfer, delete, make and unmake owners | | | | yes |

Visitors have no role anywhere, not in the embedded team either: what they may see and start is
said by `Host.accepts_visitors`, OPEN_RUNS and the visibility of results.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest

from benchruns.models.teams import Membership, Person, Role, Team, teams_of

__all__ = ["ALLOWED", "Act", "may", "person", "require", "role_in", "teams_of", "teams_where"]


class Act(enum.Enum):
    VIEW = "view"
    RUN = "run"
    ATTACH = "attach"
    MANAGE = "manage"
    OWN = "own"


_RUN: Final = frozenset({Act.VIEW, Act.RUN})
_MANAGE: Final = _RUN | {Act.ATTACH, Act.MANAGE}
ALLOWED: Final[Mapping[Role, frozenset[Act]]] = {
    Role.VIEWER: frozenset({Act.VIEW}),
    Role.MEMBER: _RUN,
    Role.ADMIN: _MANAGE,
    Role.OWNER: _MANAGE | {Act.OWN},
}


def role_in(user: Person, team: Team) -> Role | None:
    """One query; none for who is not signed in. None: a stranger, or the team is deleted."""
    if not user.is_authenticated or team.deleted_at is not None:
        return None
    found = Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()
    return None if found is None else Role(found)


def may(user: Person, team: Team, act: Act) -> bool:
    role = role_in(user, team)
    return role is not None and act in ALLOWED[role]


def teams_where(user: Person, act: Act) -> list[Team]:
    """The teams in which somebody may do that, by name: what a choice of teams offers."""
    if not user.is_authenticated:
        return []
    roles = [role for role, acts in ALLOWED.items() if act in acts]
    # In one call: in two it would be the roles of anybody in those teams.
    theirs = Team.objects.standing().filter(memberships__user=user, memberships__role__in=roles)
    return list(theirs.order_by("name"))


def require(request: HttpRequest, team: Team, act: Act) -> Role:
    """The role that permits it. Raises Http404, for strangers and too small a role alike."""
    role = role_in(person(request), team)
    if role is None or act not in ALLOWED[role]:
        raise Http404
    return role


def person(request: HttpRequest) -> Person:
    """Who is signed in. Without a session cookie the session is not even looked at.

    `request.user` would mark every page as one that varies with cookies, which no cache may keep.
    """
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    return request.user if signed_in else AnonymousUser()

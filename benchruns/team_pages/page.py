"""The page of one team, as somebody of a role sees it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from benchruns.models import Host, Role, Team
from benchruns.permits import ALLOWED, Act
from benchruns.teams.invitations import open_ones
from benchruns.teams.members import GIVEN

TEMPLATE = "benchruns/teams/team.html"


def shown(request: HttpRequest, team: Team, role: Role, **more: Any) -> dict[str, Any]:
    manages = Act.MANAGE in ALLOWED[role]
    return {
        "team": team,
        "role": role,
        "manages": manages,
        "owns": Act.OWN in ALLOWED[role],
        "roles": GIVEN,
        "members": team.memberships.select_related("user"),
        "hosts": Host.objects.attached().filter(team=team).order_by("name"),
        "invitations": open_ones(team).order_by("expires_at") if manages else (),
        "is_offered": team.offered_to is not None and team.offered_to.pk == request.user.pk,
        **more,
    }

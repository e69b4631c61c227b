"""Which of their teams somebody works for now, kept in their session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest

from benchruns.models import Team
from benchruns.permits import person, teams_of

KEY: Final = "team"


def current(request: HttpRequest) -> Team | None:
    """The team they switched to, else the first they joined; None for who has none."""
    who = person(request)
    if not who.is_authenticated:
        return None
    teams = list(teams_of(who).order_by("memberships__joined_at", "pk"))
    wanted = request.session.get(KEY)
    return next((team for team in teams if team.slug == wanted), teams[0] if teams else None)


def switch(request: HttpRequest, team: Team) -> None:
    request.session[KEY] = team.slug


def current_first(request: HttpRequest, teams: Iterable[Team]) -> list[Team]:
    """In the order a form offers them."""
    now = current(request)
    return sorted(teams, key=lambda team: team != now)

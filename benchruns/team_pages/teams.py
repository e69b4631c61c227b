"""`/teams/` and `/teams/<slug>/`: which teams there are for somebody, and one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benchruns.models import Membership, Role, Team
from benchruns.permits import Act
from benchruns.team_pages.edge import of_team, see, signed_in, user_of
from benchruns.team_pages.page import TEMPLATE, shown
from benchruns.teams import lifecycle
from benchruns.teams.current import current, switch
from benchruns.teams.refused import TeamRefused


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def teams(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _listed(request)
    name = request.POST.get("name", "")
    try:
        team = lifecycle.make(user_of(request), name)
    except TeamRefused as refused:
        return _listed(request, name=name, error=refused.reason)
    switch(request, team)
    return see(team.get_absolute_url())


def _listed(request: HttpRequest, **more: Any) -> HttpResponse:
    mine = Membership.objects.filter(user=user_of(request), team__deleted_at=None)
    context = {"memberships": mine.select_related("team"), "current": current(request), **more}
    status = 400 if "error" in more else 200
    return render(request, "benchruns/teams/list.html", context, status=status)


@require_POST
@signed_in
def team_switch(request: HttpRequest) -> HttpResponse:
    """Form field `team`: the slug. 404 for what is not theirs, as for what is not there."""
    mine = Team.objects.standing().filter(memberships__user=user_of(request))
    team = mine.filter(slug=request.POST.get("team", "")).first()
    if team is None:
        raise Http404
    switch(request, team)
    return see(reverse("teams"))


@require_safe
@of_team(Act.VIEW)
def team(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    return render(request, TEMPLATE, shown(request, team, role))


@require_POST
@of_team(Act.MANAGE)
def team_rename(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    del role
    lifecycle.rename(user_of(request), team, request.POST.get("name", ""))
    return see(team.get_absolute_url())


@require_POST
@of_team(Act.OWN)
def team_delete(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """Form field `typed`: the team's name."""
    del role
    lifecycle.delete(user_of(request), team, request.POST.get("typed", ""))
    messages.success(request, f"{team.name} is deleted and its hosts are revoked.")
    return see(reverse("teams"))

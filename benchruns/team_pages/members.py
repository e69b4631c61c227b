"""Roles, leaving, and handing a team on."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from benchruns.models import Membership, Role, Team
from benchruns.permits import Act
from benchruns.team_pages.edge import of_team, see, user_of
from benchruns.teams import members


@require_POST
@of_team(Act.MANAGE)
def member_role(request: HttpRequest, *, team: Team, role: Role, member_id: int) -> HttpResponse:
    """Form field `role`: admin, member or viewer."""
    del role
    wanted = members.given_role(request.POST.get("role", ""))
    members.change_role(user_of(request), _member(team, member_id), wanted)
    return see(team.get_absolute_url())


@require_POST
@of_team(Act.MANAGE)
def member_remove(request: HttpRequest, *, team: Team, role: Role, member_id: int) -> HttpResponse:
    del role
    found = _member(team, member_id)
    if found.user_id == request.user.pk:
        return team_leave(request, slug=team.slug)
    members.remove(user_of(request), found)
    return see(team.get_absolute_url())


@require_POST
@of_team(Act.VIEW)
def team_leave(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    del role
    members.leave(get_object_or_404(_members(team), user_id=request.user.pk))
    messages.success(request, f"You left {team.name}.")
    return see(reverse("teams"))


@require_POST
@of_team(Act.OWN)
def team_offer(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """Form fields `username`: a member; `typed`: the team's name."""
    del role
    given = request.POST
    chosen = members.offer(
        user_of(request), team, given.get("username", ""), given.get("typed", "")
    )
    messages.success(request, f"{team.name} is offered to {chosen.get_username()}.")
    return see(team.get_absolute_url())


@require_POST
@of_team(Act.VIEW)
def team_take(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """Who was offered the team accepts by typing its name."""
    del role
    members.take(user_of(request), team, request.POST.get("typed", ""))
    messages.success(request, f"{team.name} is yours now.")
    return see(team.get_absolute_url())


@require_POST
@of_team(Act.VIEW)
def team_decline(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """By the owner, who takes the offer back, or by whom it was made to; by others nothing."""
    offered = team.offered_to is not None and team.offered_to.pk == request.user.pk
    if offered or role == Role.OWNER:
        members.decline(team)
    return see(team.get_absolute_url())


def _members(team: Team) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team).select_related("user", "team")


def _member(team: Team, member_id: int) -> Membership:
    return get_object_or_404(_members(team), pk=member_id)

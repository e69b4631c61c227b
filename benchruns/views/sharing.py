"""Buttons that say who sees a result, and what comes of a host or of a team from now on."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from benchruns.models import Host, Run, Team
from benchruns.permits import Act, person, require
from benchruns.seeing import seen_by
from benchruns.sharing import (
    ShareRefused,
    may_share,
    parse,
    parse_choice,
    share,
    share_by_default,
)
from benchruns.visitors import address_key


@require_POST
def run_sharing(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """404 for whoever may not, whether or not they see the run."""
    asker = person(request)
    runs = Run.objects.filter(pk=run_id).select_related("team")
    run = seen_by(address_key(request), runs, asker).first()
    if run is None or not may_share(asker, run):
        raise Http404
    try:
        share(run, parse(request.POST.get("visibility", "")), asker)
    except ShareRefused as error:
        return _refused(request, error)
    return _back(run)


@require_POST
def host_sharing(request: HttpRequest, host_id: int) -> HttpResponse:
    host = get_object_or_404(Host.objects.visible_to(person(request)).attached(), pk=host_id)
    require(request, host.team, Act.ATTACH)
    try:
        share_by_default(host, parse_choice(request.POST.get("visibility", "")), person(request))
    except ShareRefused as error:
        return _refused(request, error)
    return _back(host)


@require_POST
def team_sharing(request: HttpRequest, slug: str) -> HttpResponse:
    team = get_object_or_404(Team.objects.standing(), slug=slug)
    require(request, team, Act.MANAGE)
    try:
        share_by_default(team, parse(request.POST.get("visibility", "")), person(request))
    except ShareRefused as error:
        return _refused(request, error)
    return _back(team)


def _back(to: Run | Host | Team) -> HttpResponse:
    response = redirect(to)
    response.status_code = 303
    return response


def _refused(request: HttpRequest, why: ShareRefused) -> HttpResponse:
    context = {"title": "Nothing was changed", "reason": str(why)}
    return render(request, "benchruns/refused.html", context, status=400)

"""`/schedules/`: what is measured again and again, for whom, when next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from benchruns import audit, schedules
from benchruns.models import Schedule, Team
from benchruns.models.teams import EMBEDDED_SLUG
from benchruns.permits import Act, person, teams_of, teams_where
from benchruns.schedule_form import ScheduleForm
from benchruns.seeing import seen_by
from benchruns.services import visible_runs
from benchruns.teams.current import current_first
from benchruns.visitors import address_key


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The schedules of one's teams; POST makes one. `?run=` fills the form in from a run."""
    teams = _teams_to_run_for(request)
    if request.method != "POST":
        form = ScheduleForm(teams, initial=_like(request, teams)) if teams else None
        return _page(request, teams, form)
    if not teams:
        raise Http404
    form = ScheduleForm(teams, request.POST)
    if not form.is_valid():
        return _page(request, teams, form, status=400)
    made = form.make(person(request))
    audit.record(person(request), made.team, "schedule.made", made)
    return _see(made)


@require_POST
def change(request: HttpRequest, schedule_id: int, what: str) -> HttpResponse:
    """`pause`, `resume` or `remove`. What is not there and what is not theirs look alike."""
    schedule = Schedule.objects.select_related("team").filter(pk=schedule_id).first()
    if schedule is None or schedule.team not in _teams_to_run_for(request):
        raise Http404
    audit.record(person(request), schedule.team, f"schedule.{what}d", schedule)
    if what == "remove":
        schedule.delete()
        return _see(None)
    schedules.set_paused(schedule, paused=what == "pause")
    return _see(schedule)


def _see(schedule: Schedule | None) -> HttpResponse:
    response = redirect(schedule.get_absolute_url() if schedule else reverse("schedules"))
    response.status_code = 303
    return response


def _teams_to_run_for(request: HttpRequest) -> list[Team]:
    """Where the site is one's own machine alone, everybody who reaches it runs for it."""
    teams = current_first(request, teams_where(person(request), Act.RUN))
    if settings.OPEN_SCHEDULES and not any(team.is_embedded for team in teams):
        teams.append(Team.embedded())
    return teams


def _seen(request: HttpRequest) -> Q:
    seen = Q(team__in=teams_of(person(request)))
    return seen | Q(team__slug=EMBEDDED_SLUG) if settings.OPEN_SCHEDULES else seen


def _page(
    request: HttpRequest, teams: list[Team], form: ScheduleForm | None, status: int = 200
) -> HttpResponse:
    found = Schedule.objects.filter(_seen(request)).select_related("team", "host")
    may_change = {team.pk for team in teams}
    context = {
        "schedules": [(schedule, schedule.team_id in may_change) for schedule in found],
        "form": form,
        "signed_in": person(request).is_authenticated,
        "now": timezone.now(),
    }
    return render(request, "benchruns/schedules.html", context, status=status)


def _like(request: HttpRequest, teams: list[Team]) -> dict[str, Any]:
    """From the run that `?run=` names, where they may see it; else the least surprising."""
    start = {"every": "week", "at": "03:00", "preset": "standard", "team": teams[0].slug}
    asker = person(request)
    runs = seen_by(address_key(request), visible_runs(asker), asker)
    key = _id(request.GET.get("run", ""))
    run = None if key is None else runs.filter(pk=key).first()
    if run is None:
        return start
    start |= {"engine": run.engine, "model": run.model, "quant": run.quant}
    host = run.host or run.wanted_host
    if host is None or host not in _hosts(teams):
        return start
    return start | {"host": host.pk, "team": host.team.slug}


def _hosts(teams: list[Team]) -> list[Any]:
    return [host for team in teams for host in team.hosts.filter(revoked_at=None)]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

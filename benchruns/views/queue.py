"""A run in the queue: the stream of what changes, and an admin's word."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from benchruns import audit
from benchruns.live import news
from benchruns.live.of_run import scene_of
from benchruns.live.ticket import Ticket
from benchruns.permits import Act, person, require
from benchruns.queueing.entry import raise_priority
from benchruns.views.runs import seen_run


@require_safe
@never_cache
def run_events(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Server-sent events; `?state=` says of what kind the page is that asks."""
    run = seen_run(request, run_id)
    return Ticket(scene_of(run), request.GET.get("state", "")).response()


@require_POST
def run_raise(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """An admin of the run's team puts it before all else of that team."""
    run = seen_run(request, run_id)
    require(request, run.team, Act.MANAGE)
    if raise_priority(run):
        audit.record(person(request), run.team, "run.raised", run.pk)
        news.run_waits(run)
    response = redirect(run)
    response.status_code = 303
    return response

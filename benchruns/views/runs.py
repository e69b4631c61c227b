"""A run's page while it waits, works and after it ended."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from benchruns import audit, outcomes
from benchruns.comparing.start import others, why_not
from benchruns.host.document import ResultDocument
from benchruns.live.of_run import shown, state_of
from benchruns.machines import in_words
from benchruns.models import Host, Result, Run, Team
from benchruns.permits import Act, may, person, teams_where
from benchruns.queueing.entry import may_be_raised
from benchruns.row_ids import row_id
from benchruns.run_list import STATES, BadFilter, Filters, page
from benchruns.seeing import seen_by
from benchruns.services import RunRefused, request_run, takes_runs_of, visible_hosts, visible_runs
from benchruns.visitors import address_key
from recommender import rulebook

MOST_HOSTS: Final = 200
"""That the list of runs can be narrowed down to."""
PLAIN: Final = "text/plain; charset=utf-8"


@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest) -> HttpResponse:
    return _create(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    asker = person(request)
    seen = seen_by(address_key(request), visible_runs(asker), asker)
    hosts = {str(host.pk): host for host in visible_hosts(asker)[:MOST_HOSTS]}
    try:
        filters = Filters.read(request.GET.dict(), hosts)
        found = page(seen, filters, request.GET.get("before", ""))
    except BadFilter as error:
        context = {"title": "No such list", "reason": str(error)}
        return render(request, "benchruns/refused.html", context, status=400)
    choices = {"states": STATES, "engines": rulebook.load().engines.values(), "hosts": hosts}
    return render(request, "benchruns/runs.html", {"page": found, "filters": filters, **choices})


def _create(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        run = request_run(
            given.get("answers", ""),
            given.get("engine", ""),
            given.get("model", ""),
            given.get("quant", ""),
            _wanted_host(request, given.get("host", "")),
            person=person(request),
            requester=address_key(request),
            preset=given.get("plan", ""),
            visibility=given.get("visibility", ""),
            team=_wanted_team(request, given.get("team", "")),
        )
    except RunRefused as refused:
        context = {"reason": refused.reason, "answers": given.get("answers", "")}
        return render(request, "benchruns/refused.html", context, status=refused.status)
    return _see(run)


def _see(run: Run) -> HttpResponse:
    response = redirect(run)
    response.status_code = 303
    return response


def _wanted_host(request: HttpRequest, given: str) -> Host | None:
    """What is not there and what is not for these eyes look alike."""
    if not given:
        return None
    asked = row_id(given)
    host = visible_hosts(person(request)).filter(pk=asked).first() if asked is not None else None
    if host is None:
        raise RunRefused(400, "host: there is no such machine; leave it out to take any.")
    return host


def _wanted_team(request: HttpRequest, given: str) -> Team | None:
    """Whose run it is, where it is not the host's."""
    if not given:
        return None
    teams = teams_where(person(request), Act.RUN)
    team = next((team for team in teams if team.slug == given), None)
    if team is None:
        raise RunRefused(403, f"team: you start no measurements for a team {given!r}.")
    return team


@require_safe
@never_cache
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "benchruns/run.html", _context(request, seen_run(request, run_id)))


@require_safe
@never_cache
def run_progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "benchruns/_run.html", _context(request, seen_run(request, run_id)))


@require_POST
def run_cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = seen_run(request, run_id)
    if not _may_cancel(request, found):
        reason = "This measurement is not yours to cancel: somebody else asked for it."
        context = {"title": "Nothing was cancelled", "reason": reason}
        return render(request, "benchruns/refused.html", context, status=403)
    outcomes.request_cancel(found)
    audit.record(person(request), found.team, "run.cancelled", found.pk)
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if htmx:
        return render(request, "benchruns/_run.html", _context(request, seen_run(request, run_id)))
    return _see(found)


def _may_cancel(request: HttpRequest, run: Run) -> bool:
    """Who asked for it, and who may run for its team; on a site that lets visitors start runs on
    its own machines, every visitor."""
    key, asker = address_key(request), person(request)
    asked = run.asked_by_id == asker.pk if run.asked_by_id else key == run.requester
    open_to_visitors = bool(settings.OPEN_RUNS) and run.team.is_embedded
    return asked or open_to_visitors or may(asker, run.team, Act.RUN)


@require_safe
@never_cache
def run_log(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """404 with a sentence, as plain text like the log itself, where none was kept."""
    log = seen_run(request, run_id).log
    said = log or "No log was kept of this measurement.\n"
    return HttpResponse(said, content_type=PLAIN, status=200 if log else 404)


@require_safe
@never_cache
def run_result(request: HttpRequest, run_id: UUID) -> JsonResponse:
    result: Result | None = getattr(seen_run(request, run_id), "result", None)
    if result is None:
        raise Http404
    return JsonResponse(result.document, json_dumps_params={"indent": 1})


def seen_run(request: HttpRequest, run_id: UUID) -> Run:
    """What is not there and what is not for these eyes look alike."""
    runs = Run.objects.select_related("team", "host__team", "wanted_host", "result")
    return get_object_or_404(seen_by(address_key(request), runs, person(request)), pk=run_id)


def _context(request: HttpRequest, run: Run) -> dict[str, Any]:
    document = _document(run)
    may_compare = bool(document) and _may_compare(request, run)
    return {
        **shown(run),
        "page_state": state_of(run),
        "may_cancel": _may_cancel(request, run),
        "may_raise": may_be_raised(run) and may(person(request), run.team, Act.MANAGE),
        "document": document,
        "machine": in_words(document.host) if document else "",
        "refused": run.result.refused if document else "",
        "steps": run.events.all() if run.is_over else (),
        "comparable": others(run) if may_compare else (),
        "may_compare": may_compare,
    }


def _may_compare(request: HttpRequest, run: Run) -> bool:
    """Whether its machine would take the rounds of a comparison from who asks."""
    host = run.host
    if host is None or not takes_runs_of(person(request), host):
        return False
    return run.engine in host.measures and not why_not(run)


def _document(run: Run) -> ResultDocument | None:
    result: Result | None = getattr(run, "result", None)
    return ResultDocument.model_validate(result.document) if result else None

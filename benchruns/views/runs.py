"""A run's page while it waits, works and after it ended."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from benchruns import outcomes
from benchruns.comparing.start import others, why_not
from benchruns.host.document import ResultDocument
from benchruns.machines import in_words
from benchruns.models import Host, Result, Run
from benchruns.models.runs import Kind
from benchruns.progress import queue_position
from benchruns.seeing import may_see, seen_by
from benchruns.services import RunRefused, request_run, visible_runs
from benchruns.states import State
from benchruns.visitors import address_key

LISTED: Final = 50
PLAIN: Final = "text/plain; charset=utf-8"


@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest) -> HttpResponse:
    return _create(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    seen = seen_by(address_key(request), visible_runs())
    newest = seen.select_related("host", "wanted_host").order_by("-requested_at")
    return render(request, "benchruns/runs.html", {"runs": newest[:LISTED]})


def _create(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        run = request_run(
            given.get("answers", ""),
            given.get("engine", ""),
            given.get("model", ""),
            given.get("quant", ""),
            _wanted_host(given.get("host", "")),
            requester=address_key(request),
            preset=given.get("plan", ""),
        )
    except RunRefused as refused:
        context = {"reason": refused.reason, "answers": given.get("answers", "")}
        return render(request, "benchruns/refused.html", context, status=refused.status)
    return _see(run)


def _see(run: Run) -> HttpResponse:
    response = redirect(run)
    response.status_code = 303
    return response


def _wanted_host(given: str) -> Host | None:
    if not given:
        return None
    host = (
        Host.objects.attached().filter(pk=given).first()
        if given.isascii() and given.isdigit()
        else None
    )
    if host is None:
        raise RunRefused(400, "host: there is no such machine; leave it out to take any.")
    return host


@require_safe
@never_cache
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "benchruns/run.html", _context(request, _run(request, run_id)))


@require_safe
@never_cache
def run_progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "benchruns/_run.html", _context(request, _run(request, run_id)))


@require_POST
def run_cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = _run(request, run_id)
    if not _may_cancel(request, found):
        reason = "This measurement is not yours to cancel: somebody else asked for it."
        context = {"title": "Nothing was cancelled", "reason": reason}
        return render(request, "benchruns/refused.html", context, status=403)
    outcomes.request_cancel(found)
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if htmx:
        return render(request, "benchruns/_run.html", _context(request, _run(request, run_id)))
    return _see(found)


def _may_cancel(request: HttpRequest, run: Run) -> bool:
    """Who asked for it; on a site that lets visitors start runs, every visitor."""
    asked = bool(run.requester) and run.requester == address_key(request)
    return asked or bool(settings.OPEN_RUNS)


@require_safe
@never_cache
def run_log(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """404 with a sentence, as plain text like the log itself, where none was kept."""
    log = _run(request, run_id).log
    said = log or "No log was kept of this measurement.\n"
    return HttpResponse(said, content_type=PLAIN, status=200 if log else 404)


@require_safe
@never_cache
def run_result(request: HttpRequest, run_id: UUID) -> JsonResponse:
    result: Result | None = getattr(_run(request, run_id), "result", None)
    if result is None:
        raise Http404
    return JsonResponse(result.document, json_dumps_params={"indent": 1})


def _run(request: HttpRequest, run_id: UUID) -> Run:
    """What is not there and what is not for these eyes look alike."""
    runs = Run.objects.select_related("host", "wanted_host", "result")
    found = runs.filter(pk=run_id).first()
    if found is None or not may_see(found, address_key(request)):
        raise Http404
    return found


def _context(request: HttpRequest, run: Run) -> dict[str, Any]:
    document = _document(run)
    waiting = run.state == State.QUEUED
    return {
        "run": run,
        "plan": run.order if run.kind == Kind.INSTALL else run.what,
        "installing": run.kind == Kind.INSTALL,
        "may_cancel": _may_cancel(request, run),
        "where": run.host or run.wanted_host,
        "position": queue_position(run) if waiting else None,
        "document": document,
        "machine": in_words(document.host) if document else "",
        "refused": run.result.refused if document else "",
        "steps": run.events.all() if run.is_over else (),
        "comparable": _comparable(run) if document else (),
        "may_compare": bool(document) and _may_compare(run),
    }


def _may_compare(run: Run) -> bool:
    """Whether its machine would take the rounds of a comparison from a visitor."""
    host = run.host
    if host is None or not host.accepts_visitors or host.revoked_at is not None:
        return False
    return bool(settings.OPEN_RUNS) and run.engine in host.measures and not why_not(run)


def _comparable(run: Run) -> tuple[str, ...]:
    return others(run) if _may_compare(run) else ()


def _document(run: Run) -> ResultDocument | None:
    result: Result | None = getattr(run, "result", None)
    return ResultDocument.model_validate(result.document) if result else None

"""`/compare/?results=<id>,<id>…`: any measurements side by side."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from benchruns.comparing.arms import NOT_IN_TURNS, Comparison, comparison
from benchruns.comparing.find import Found, Unreadable, asked, find, offered
from benchruns.comparing.plots import pictures
from benchruns.comparing.start import against_engine, against_settings, start
from benchruns.comparing.table import as_csv, lines
from benchruns.host.compare.metrics import METRICS
from benchruns.models import Run
from benchruns.permits import person
from benchruns.pictures.answer import answered
from benchruns.row_ids import row_id
from benchruns.seeing import seen_by
from benchruns.services import RunRefused
from benchruns.visitors import address_key

ATTACHED: Final = "attachment; filename={}"


@require_safe
@never_cache
def compare(request: HttpRequest) -> HttpResponse:
    try:
        found = _found(request)
    except Unreadable as error:
        return _refused(request, error)
    return render(request, "benchruns/compare.html", _context(request, found))


@require_safe
@never_cache
def compare_csv(request: HttpRequest) -> HttpResponse:
    """The same figures as a table for spreadsheets."""
    try:
        made = _comparison(_found(request))
    except Unreadable as error:
        return _refused(request, error)
    name = ATTACHED.format("rigguide-comparison.csv")
    headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
@never_cache
def compare_picture(request: HttpRequest, metric: str, form: str) -> HttpResponse:
    """One of the pictures, complete in itself, or its figures as a table for spreadsheets."""
    try:
        found = _found(request)
        drawn = {picture.plot.id: picture for picture in pictures(_comparison(found))}
    except Unreadable as error:
        return _refused(request, error)
    if metric not in drawn:
        known = ", ".join(metric.id for metric in METRICS)
        raise Http404(f"There is no picture of {metric!r}; there are: {known}.")
    measured = ",".join(map(str, found.ids))
    foot = f"RigGuide; {request.build_absolute_uri(reverse('compare'))}?results={measured}"
    return answered(drawn[metric], form, name=f"rigguide {metric}", foot=foot)


@require_POST
def run_compare(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Form field `engine`: another one; without it this one's settings. 303 to all its rounds."""
    asker, key = person(request), address_key(request)
    runs = Run.objects.select_related("host__team", "result")
    run = get_object_or_404(seen_by(key, runs, asker), pk=run_id)
    engine = request.POST.get("engine", "")
    try:
        arms = against_engine(run, engine) if engine else against_settings(run)
        started = start(run, arms, person=asker, requester=key)
    except RunRefused as refused:
        context = {"reason": refused.reason}
        return render(request, "benchruns/refused.html", context, status=refused.status)
    ids = ",".join(str(one.pk) for one in started)
    response = HttpResponseRedirect(f"{reverse('compare')}?results={ids}")
    response.status_code = 303
    return response


def _found(request: HttpRequest) -> Found:
    ids = asked(request.GET.getlist("results"))
    return find(ids, address_key(request), person(request))


def _comparison(found: Found) -> Comparison:
    if not found.shown:
        raise Unreadable(404, "results: nothing of this has been measured yet.")
    return comparison(found.shown)


def _refused(request: HttpRequest, error: Unreadable) -> HttpResponse:
    context = {"title": "Nothing to compare", "reason": error.reason}
    return render(request, "benchruns/refused.html", context, status=error.status)


def _context(request: HttpRequest, found: Found) -> dict[str, Any]:
    made = comparison(found.shown) if found.shown else None
    return {
        "found": found,
        "comparison": made,
        "pictures": pictures(made) if made else (),
        "lines": lines(made) if made else (),
        "metrics": METRICS,
        "why_no_verdict": NOT_IN_TURNS if made and len(made.arms) > 1 else "",
        "offered": offered(row_id(request.GET.get("host", "")), person(request)),
        "query": ",".join(map(str, found.ids)),
        "chosen": set(found.ids),
    }

"""`/claims/`: every quantity the articles state, with what stands for and against it."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from benchruns.claim_tests import start
from benchruns.models import Run
from benchruns.permits import person
from benchruns.row_ids import row_id
from benchruns.services import RunRefused, visible_hosts
from benchruns.visitors import address_key
from guide.presentation.claims import claims_context, status_named
from recommender.ledger.load import load


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """All claims, or with `?verdict=` those that came out so."""
    try:
        only = status_named(request.GET.get("verdict", ""))
    except ValueError as error:
        said = {"heading": "There is no such verdict.", "reason": str(error)}
        said |= {"back": reverse("claims"), "back_to": "All claims"}
        return render(request, "guide/claims_refused.html", said, status=400)
    context = {**claims_context(only), "open_runs": settings.OPEN_RUNS}
    return render(request, "guide/claims.html", context)


@require_POST
def claim_test(request: HttpRequest, claim: str) -> HttpResponse:
    """Form fields `host`: the machine, `plan`: how closely. 303 to the run, or to all of them side
    by side where it is several.
    """
    test = load().tests.get(claim)
    if test is None:
        raise Http404(f"There is no test of {claim!r}. There are: {', '.join(load().tests)}.")
    host_id = row_id(request.POST.get("host", ""))
    if host_id is None:
        return _refused(request, claim, "host: say which machine shall run the test.", 400)
    asker = person(request)
    host = get_object_or_404(visible_hosts(asker), pk=host_id)
    try:
        preset = request.POST.get("plan", "")
        runs = start(test, host, person=asker, requester=address_key(request), preset=preset)
    except RunRefused as refused:
        return _refused(request, claim, refused.reason, refused.status)
    return _see(runs)


def _refused(request: HttpRequest, claim: str, reason: str, status: int) -> HttpResponse:
    context = {"heading": "The test was not started.", "reason": reason}
    context |= {"back": f"{reverse('claims')}#{claim}", "back_to": "Back to the claim"}
    return render(request, "guide/claims_refused.html", context, status=status)


def _see(runs: tuple[Run, ...]) -> HttpResponse:
    """Several stand side by side on one page, which fills as they end."""
    together = f"{reverse('compare')}?results={','.join(str(run.pk) for run in runs)}"
    address = runs[0].get_absolute_url() if len(runs) == 1 else together
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response

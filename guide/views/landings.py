"""`/q/`: common questions, answered by the rule book as it is now."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchruns.claim_tests import measurements
from benchruns.evidence import DatabaseEvidence
from guide.presentation.claims import said, verdicts
from recommender import landings, rulebook


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    evidence = DatabaseEvidence()
    runs = measurements()
    pages = [landings.answer(one, evidence, runs) for one in landings.load().values()]
    return render(request, "guide/landings.html", {"pages": pages})


@require_safe
def question(request: HttpRequest, slug: str) -> HttpResponse:
    known = landings.load()
    if slug not in known:
        raise Http404(f"There is no question {slug!r} here. There are: {', '.join(known)}.")
    one, rules = known[slug], rulebook.load().rules
    context = {
        "page": landings.answer(one, DatabaseEvidence(), measurements()),
        "rules": [(rules[rule], said(rule).url) for rule in one.rules],
        "claims": verdicts(one.claims),
        "others": [other for other in known.values() if other.slug != slug],
    }
    return render(request, "guide/landing.html", context)

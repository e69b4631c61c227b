"""`/evidence/`: what is measured here counts for what, with the numbers and their sources."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender import trust
from recommender.trust import MEANINGS


@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    known = trust.load()
    sources = {source.id: source for source in known.source}
    rows = (
        ("two runs on one machine", known.between_runs),
        ("two machines of one kind", known.between_hosts),
    )
    context = {
        "tiers": list(MEANINGS.items()),
        "allowances": [(what, row, sources[row.source]) for what, row in rows],
    }
    return render(request, "guide/evidence.html", context)

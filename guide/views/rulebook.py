"""`/rulebook/`: its version, what changed, and how old everything is that it rests on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommender import freshness, rulebook
from recommender.ledger.load import load


@require_safe
def rulebook_page(request: HttpRequest) -> HttpResponse:
    today = timezone.now().date()
    cited = [source for source in freshness.sources() if source.where != "catalogue"]
    of_catalogue = [source for source in freshness.sources() if source.where == "catalogue"]
    context = {
        "book": rulebook.load(),
        "ledger": load(),
        "changes": freshness.changes(),
        "sources": [(source, source.age_days(today)) for source in cited],
        "catalogue": of_catalogue,
        "undated": sum(source.checked is None for source in of_catalogue),
    }
    return render(request, "guide/rulebook.html", context)

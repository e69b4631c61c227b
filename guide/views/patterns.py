"""`/patterns/`: every component of the site in each of its states, light beside dark."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guide.presentation.patterns import STATUSES, TOKENS, TYPE, sample
from recommender import rulebook
from recommender.recommendation import Basis


@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    told = {
        "schemes": ("light", "dark"),
        "tokens": TOKENS,
        "type": TYPE,
        "statuses": STATUSES,
        "bases": tuple(Basis),
        "engines": tuple(rulebook.load().engines),
        "articles": tuple(rulebook.load().articles),
        **sample(),
    }
    return render(request, "guide/patterns.html", told)

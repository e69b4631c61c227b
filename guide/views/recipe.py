"""`GET /recipe/?…`: the whole rig recipe for these answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchruns.evidence import DatabaseEvidence
from guide.asked import read
from guide.presentation.measuring import measuring
from guide.presentation.recipe import recipe_context
from guide.views.questionnaire import address
from recommender.recommend import recommend


@require_safe
def recipe(request: HttpRequest) -> HttpResponse:
    asked = read(request.GET)
    if asked.errors:
        wrong = {"reason": asked.sentences, "back": address(asked)}
        return render(request, "400.html", wrong, status=400)
    rec = recommend(asked.answers, evidence=DatabaseEvidence())
    context: dict[str, Any] = {
        **recipe_context(rec),
        "query": asked.answers.urlencode(),
        "measuring": measuring(rec),
    }
    return render(request, "guide/recipe.html", context)

"""`GET /recipe/?…`: the whole rig recipe for these answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchruns.evidence import evidence_for
from benchruns.permits import person
from guide.asked import read
from guide.presentation.costs import cost_fields
from guide.presentation.measuring import measuring
from guide.presentation.recipe import recipe_context
from guide.priced import with_cost
from guide.views.questionnaire import address
from recommender.advice.attach import advised
from recommender.recipe import with_forms
from recommender.recommend import recommend


@require_safe
def recipe(request: HttpRequest) -> HttpResponse:
    asked = read(request.GET)
    if asked.errors:
        wrong = {"reason": asked.sentences, "back": address(asked)}
        return render(request, "400.html", wrong, status=400)
    evidence = evidence_for(request)
    rec = advised(recommend(asked.answers, evidence=evidence), asked.answers)
    rec = with_cost(with_forms(rec), asked.priced.prices)
    context: dict[str, Any] = {
        **recipe_context(rec),
        "query": asked.query,
        "measuring": measuring(rec, person(request)),
        "cost_fields": cost_fields(asked.priced),
        "cost_error": asked.priced.error,
        "kept_back": evidence.told_hidden,
    }
    status = 400 if asked.priced.error else 200
    return render(request, "guide/recipe.html", context, status=status)

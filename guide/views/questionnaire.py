"""`GET /`: the questions and the verdict beside them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from benchruns.evidence import DatabaseEvidence, evidence_for
from guide.asked import Asked, is_canonical, read
from guide.presentation.board import board, still_open
from guide.presentation.form import fields, parts
from guide.presentation.own import Own
from guide.presentation.recipe import assumed
from recommender.evidence import Evidence
from recommender.recommend import recommend


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


@require_safe
def questionnaire(request: HtmxRequest) -> HttpResponse:
    asked = read(request.GET)
    live = bool(request.htmx) and not request.htmx.history_restore_request
    if not (errors(asked) or live or is_canonical(request.GET)):
        return HttpResponseRedirect(address(asked))
    return _page(request, asked, live=live)


def address(asked: Asked) -> str:
    return f"/?{asked.query}" if asked.query else "/"


def context(asked: Asked, evidence: Evidence | None = None) -> dict[str, Any]:
    """`evidence`: what whoever asks may see; what is public where nobody says."""
    rec = recommend(asked.answers, evidence=evidence or DatabaseEvidence())
    found = fields(asked, decides=rec.next_question)
    quick = [field for field in found if field.question.stage == "quick"]
    thorough = parts(found, len(quick) + 1)
    later = [field for part in thorough for field in part.fields]
    return {
        "rec": rec,
        "assumed": assumed(rec),
        "nothing_there": asked.answers.text("hardware") == "none-yet",
        "board": board(rec),
        "still_open": still_open(rec),
        "quick": quick,
        "parts": thorough,
        "later": len(later),
        "thorough_open": any(field.answered or field.error for field in later),
        "next_field": next((f for f in found if f.decides), None),
        "errors": errors(asked),
        "kept": asked.priced.pairs(),
        "left_out": [field.question for field in found if field.error],
        "query": asked.query,
        "own": Own(),
    }


def errors(asked: Asked) -> dict[str, str]:
    """By question; a wrong price is no question's."""
    wrong = asked.priced.error
    return {**asked.errors, **({"": str(wrong)} if wrong else {})}


def _page(request: HtmxRequest, asked: Asked, *, live: bool) -> HttpResponse:
    template = "guide/_live.html" if live else "guide/questionnaire.html"
    kind = HttpResponseBadRequest if errors(asked) else HttpResponse
    response = kind(render_to_string(template, context(asked, evidence_for(request)), request))
    patch_vary_headers(response, ["HX-Request"])
    if live:  # what was not understood is no part of the address either
        response["HX-Push-Url"] = address(asked)
    return response

"""The public API, version 1: the same questions and the same decision as the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse

from benchruns.evidence import DatabaseEvidence
from guide.api.openapi import document, paths
from guide.asked import form_pairs
from guide.priced import apart, with_cost
from recommender import rulebook
from recommender.advice.attach import advised
from recommender.answers import AnswerError, parse, questions
from recommender.prices import PriceError
from recommender.prices import parse as prices_of
from recommender.recommend import recommend
from recommender.render import as_json

View = Callable[..., JsonResponse]


def _json(body: dict[str, object], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"indent": 2})


def _safe(view: View) -> View:
    """Like `require_safe`, and says so in JSON."""

    @wraps(view)
    def only_read(request: HttpRequest, **kwargs: Any) -> JsonResponse:
        if request.method in ("GET", "HEAD"):
            return view(request, **kwargs)
        error = f"{request.method} is not allowed here: this API is only read, with GET."
        response = _json({"error": error}, status=405)
        response["Allow"] = "GET, HEAD"
        return response

    return only_read


@_safe
def api_questions(_request: HttpRequest) -> JsonResponse:
    asked = [asdict(question) for question in questions()]
    return _json({"rulebook_version": rulebook.load().version, "questions": asked})


@_safe
def api_recommendation(request: HttpRequest) -> JsonResponse:
    try:
        said, costs = apart(form_pairs(request.GET))
        answers, prices = parse(said), prices_of(costs)
    except (AnswerError, PriceError) as error:
        return _json({"error": str(error)}, status=400)
    rec = advised(recommend(answers, evidence=DatabaseEvidence()), answers)
    return _json(as_json(with_cost(rec, prices)))


@_safe
def api_openapi(request: HttpRequest) -> JsonResponse:
    return _json(document(request.build_absolute_uri("/").rstrip("/")))


@_safe
def api_unknown(_request: HttpRequest, rest: str) -> JsonResponse:
    """Whatever else is asked for under `/api/v1/`."""
    known = ", ".join(paths())
    return _json({"error": f"There is no /api/v1/{rest}. There are: {known}."}, status=404)

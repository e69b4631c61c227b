"""The public API, version 1: the same questions and the same decision as the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from benchruns.evidence import DatabaseEvidence
from benchruns.models import Scope
from guide.api.edge import Refusal, allow, caller, conditional, limit, refused
from guide.api.openapi import document, paths
from guide.api.operations import Caller
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


def _safe(view: View) -> Callable[..., HttpResponse]:
    """Like `require_safe`, and says so in JSON."""

    @csrf_exempt
    @wraps(view)
    def only_read(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return _read(view, request, **kwargs)
        error = f"{request.method} is not allowed here: this API is only read, with GET."
        response = _json({"error": error}, status=405)
        response["Allow"] = "GET, HEAD"
        return response

    return only_read


def _read(view: View, request: HttpRequest, **kwargs: Any) -> HttpResponse:
    try:
        who = caller(request)
        limit(request, who, writes=False)
        allow(who, Scope.READ, needs=False)
    except Refusal as refusal:
        return refused(refusal)
    return conditional(request, view(request, who=who, **kwargs))


@_safe
def api_questions(_request: HttpRequest, who: Caller) -> JsonResponse:
    del who
    asked = [asdict(question) for question in questions()]
    return _json({"rulebook_version": rulebook.load().version, "questions": asked})


@_safe
def api_recommendation(request: HttpRequest, who: Caller) -> JsonResponse:
    try:
        said, costs = apart(form_pairs(request.GET))
        answers, prices = parse(said), prices_of(costs)
    except (AnswerError, PriceError) as error:
        return _json({"error": str(error)}, status=400)
    rec = advised(recommend(answers, evidence=DatabaseEvidence(who.person)), answers)
    return _json(as_json(with_cost(rec, prices)))


@_safe
def api_openapi(request: HttpRequest, who: Caller) -> JsonResponse:
    del who
    return _json(document(request.build_absolute_uri("/").rstrip("/")))


@csrf_exempt
def api_unknown(_request: HttpRequest, rest: str) -> JsonResponse:
    """Whatever else is asked for under `/api/v1/`, by whatever method."""
    known = ", ".join(paths())
    return _json({"error": f"There is no /api/v1/{rest}. There are: {known}."}, status=404)

"""The public API, version 1: the same questions and the same decision as the pages."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from benchruns.evidence import DatabaseEvidence
from guide.api.openapi import document
from guide.asked import form_pairs
from recommender import rulebook
from recommender.answers import AnswerError, parse, questions
from recommender.recommend import recommend
from recommender.render import as_json


def _json(body: dict[str, object], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"indent": 2})


@require_safe
def api_questions(_request: HttpRequest) -> JsonResponse:
    asked = [asdict(question) for question in questions()]
    return _json({"rulebook_version": rulebook.load().version, "questions": asked})


@require_safe
def api_recommendation(request: HttpRequest) -> JsonResponse:
    try:
        answers = parse(form_pairs(request.GET))
    except AnswerError as error:
        return _json({"error": str(error)}, status=400)
    return _json(as_json(recommend(answers, evidence=DatabaseEvidence())))


@require_safe
def api_openapi(request: HttpRequest) -> JsonResponse:
    return _json(document(request.build_absolute_uri("/").rstrip("/")))

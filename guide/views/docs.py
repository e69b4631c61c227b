"""`/docs/`: for whoever is new here. Numbers and examples on them are computed, not typed."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from benchruns.evidence import DatabaseEvidence
from guide.api.openapi import document
from guide.presentation.operations import operations
from guide.presentation.tour import examples
from recommender import accuracy, catalogue, glossary, rulebook
from recommender.answers import questions
from recommender.ledger.load import load as ledger
from recommender.recommendation import Basis

PAGES = {
    "tour": "Three examples, worked out",
    "deciding": "How decisions are made",
    "measuring": "How numbers are measured",
    "hosts": "How to attach a host",
    "citing": "How to cite",
    "api": "The API",
}
"""In the order one would read them."""


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return _render(request, "index", {"terms": len(glossary.load().terms)})


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in PAGES:
        known = ", ".join(PAGES)
        raise Http404(f"There is no page {name!r} in the docs. There are: {known}.")
    return _render(request, name, _TOLD[name]())


def _tour() -> dict[str, Any]:
    return {"examples": examples(DatabaseEvidence())}


def _deciding() -> dict[str, Any]:
    found = catalogue.load()
    return {
        "bases": (Basis.MEASURED_HERE, Basis.CALIBRATED, Basis.ESTIMATED, Basis.CLAIMED),
        "questions": len(questions()),
        "claims": len(ledger().claims),
        "models": len(found.models),
        "devices": len(found.devices),
        "decode": accuracy.summary(accuracy.of_kind(accuracy.load().rows, "decode")),
        "concurrent": accuracy.summary(accuracy.of_kind(accuracy.load().rows, "concurrent")),
    }


def _citing() -> dict[str, Any]:
    return {"release": version("rigguide"), "today": timezone.now().date()}


def _api() -> dict[str, Any]:
    return {"operations": operations(document(settings.SITE_URL))}


_TOLD = {
    "tour": _tour,
    "deciding": _deciding,
    "measuring": dict,
    "hosts": dict,
    "citing": _citing,
    "api": _api,
}


def _render(request: HttpRequest, name: str, told: dict[str, Any]) -> HttpResponse:
    shared = {
        "pages": PAGES,
        "current": name,
        "title": PAGES.get(name, "Docs"),
        "book": rulebook.load(),
        "site": settings.SITE_URL,
    }
    return render(request, f"guide/docs/{name}.html", {**shared, **told})

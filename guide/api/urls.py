"""The addresses of the API: made from its operations."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.urls import URLPattern, path

from guide.api import v1
from guide.api.all import OPERATIONS
from guide.api.edge import serve
from guide.api.operations import Operation
from guide.views.api_page import api_page

CONVERTED: Final = {"{host}": "<int:host>", "{run}": "<uuid:run>"}
BASE: Final = "/api/v1/"


def _patterns() -> list[URLPattern]:
    by_path: dict[str, list[Operation]] = defaultdict(list)
    for operation in OPERATIONS:
        by_path[operation.path].append(operation)
    return [path(route(at), serve(found), name=name(at)) for at, found in by_path.items()]


def route(address: str) -> str:
    """`/api/v1/runs/{run}` as Django writes it."""
    for said, converter in CONVERTED.items():
        address = address.replace(said, converter)
    return address.removeprefix("/")


def name(address: str) -> str:
    """`/api/v1/runs/{run}/cancel` is `api-runs-run-cancel`."""
    parts = address.removeprefix(BASE).split("/")
    return "-".join(["api", *(part.strip("{}") for part in parts)])


urlpatterns: list[URLPattern] = [
    path("api/", api_page, name="api"),
    path("api/v1/questions", v1.api_questions, name="api-questions"),
    path("api/v1/recommendation", v1.api_recommendation, name="api-recommendation"),
    path("api/v1/openapi.json", v1.api_openapi, name="api-openapi"),
    *_patterns(),
    path("api/v1/<path:rest>", v1.api_unknown, name="api-unknown"),
]

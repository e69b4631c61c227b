"""The API's operations, as its own OpenAPI document has them: this page cannot go stale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]  # status and what it means


def operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """In the order of the document."""
    return tuple(_operations(document))


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(document, path, method, methods[method])


def _operation(
    document: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]
) -> Operation:
    asked = (_resolved(document, one) for one in told.get("parameters", ()))
    parameters = (
        Parameter(one["name"], one.get("description", ""), one.get("required", False))
        for one in asked
    )
    answers = (
        (status, _resolved(document, one).get("description", ""))
        for status, one in told.get("responses", {}).items()
    )
    return Operation(
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        text=told.get("description", ""),
        parameters=tuple(parameters),
        answers=tuple(answers),
    )


def _resolved(document: Mapping[str, Any], one: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `$ref` points at within the document, else the thing itself."""
    found: Any = one
    while "$ref" in found:
        place: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        found = place
    return dict(found)

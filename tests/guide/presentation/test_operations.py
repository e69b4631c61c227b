"""The API page is made from the API's own document."""

from __future__ import annotations

from guide.api.openapi import document
from guide.presentation.operations import METHODS, operations

DOCUMENT = {
    "paths": {
        "/runs": {
            "parameters": [],
            "get": {
                "summary": "Runs",
                "parameters": [{"$ref": "#/components/parameters/Page"}],
                "responses": {"200": {"description": "some"}, "404": {"$ref": "#/r/Missing"}},
            },
            "post": {"summary": "Ask for one", "responses": {}},
        }
    },
    "components": {"parameters": {"Page": {"name": "page", "required": True}}},
    "r": {"Missing": {"description": "none"}},
}


def test_it_lists_every_operation_of_the_site() -> None:
    told = document("https://example.org")
    there = {(m.upper(), path) for path, ms in told["paths"].items() for m in METHODS if m in ms}
    found = operations(told)
    assert {(one.method, one.path) for one in found} == there
    assert all(one.summary for one in found)
    assert all(words for one in found for _, words in one.answers)


def test_references_are_followed() -> None:
    runs, ask = operations(DOCUMENT)
    assert [(one.name, one.required, one.text) for one in runs.parameters] == [("page", True, "")]
    assert runs.answers == (("200", "some"), ("404", "none"))
    assert (ask.method, ask.parameters) == ("POST", ())

"""The OpenAPI document, its parameters made from the questions so that it cannot go stale."""

from __future__ import annotations

from typing import Any

from guide.api.described import described, response, responses, schemas
from recommender import rulebook
from recommender.answers import questions
from recommender.own.device import FORM
from recommender.own.model import START
from recommender.prices import CURRENCY, FIELDS, Field
from recommender.questions import Kind, Question

Schema = dict[str, Any]

_FIGURE = {
    "type": ["object", "null"],
    "description": "a number with its interval, unit and basis; value null is 'not known', never 0",
}
_NAMED: Schema = {"type": ["object", "null"], "properties": {"id": {"type": "string"}}}
_LIST: Schema = {"type": "array", "items": {"type": "object"}}

_RECOMMENDATION: Schema = {
    "type": "object",
    "required": [
        "engine", "model", "quant", "settled", "next_question", "opinions", "because",
        "rejected", "flips", "memory", "speed", "commands", "rulebook_version",
    ],
    "properties": {
        "engine": {"type": ["string", "null"], "description": "engine id; null: nothing can run"},
        "model": {"description": "the model chosen, null when there is none"},
        "quant": {"description": "the quantisation chosen, null when there is none"},
        "settled": {"type": "boolean", "description": "no open question or unknown weights matter"},
        "next_question": {"type": ["string", "null"], "description": "the most telling open one"},
        "opinions": {"type": "object", "description": "article id → engine id or null, with rules"},
        "because": {**_LIST, "description": "rule, source and text of what fired"},
        "rejected": {"type": "object", "description": "engine id → reasons"},
        "flips": {**_LIST, "description": "a changed answer and the engine it would make win"},
        "memory": {**_NAMED, "properties": {}, "description": "parts and total in GiB"},
        "speed": {**_FIGURE, "description": "tokens/s and ms with low, high and basis"},
        "commands": _LIST,
        "machines": {
            **_NAMED, "properties": {},
            "description": "the smallest machines that would do, where none is there or fits",
        },
        "cost": {
            **_NAMED, "properties": {},
            "description": "of a million tokens, where prices were given; none are made up",
        },
        "rulebook_version": {"type": "string"},
    },
}  # fmt: skip


def document(server: str) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RigGuide",
            "version": "1",
            "description": f"{_ABOUT} Rule book {rulebook.load().version}.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": paths(),
        "components": {
            "schemas": {**schemas(), "Recommendation": _RECOMMENDATION},
            "responses": responses(),
            "securitySchemes": {"token": _TOKEN},
        },
    }


_ABOUT = (
    "Which LLM inference engine, and the whole rig recipe; hosts, runs and what they measured. "
    "Without a token you see what is public. Every list has a `next`; every answer to GET an ETag."
)
_TAGS = {
    "recipe": "the decision: questions in, engine and recipe out",
    "hosts": "attached machines",
    "runs": "measurements that were asked for",
    "results": "what was measured, and how far others bear it out",
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "rgp_…",
    "description": "A personal token from /account/tokens/. It can do no more than its person, and "
    "of that only what its scopes name.",
}


def paths() -> Schema:
    """Every address under `/api/v1/`. Any other answers 404 in the shape of an error."""
    return {**_recipe_paths(), **described()}


def _recipe_paths() -> Schema:
    found = {
        "/api/v1/questions": _questions(),
        "/api/v1/recommendation": _recommendation(),
        "/api/v1/openapi.json": _document(),
    }
    for operation in found.values():
        operation["tags"] = ["recipe"]
        operation["security"] = [{}, {"token": ["read"]}]
        operation["responses"] |= {"304": {"description": "you have it already (If-None-Match)"}}
        operation["responses"] |= {str(s): {"$ref": response(s)} for s in (401, 403, 405, 429)}
    return {address: {"get": operation} for address, operation in found.items()}


def _document() -> Schema:
    body: Schema = {"type": "object", "required": ["openapi", "info", "paths"]}
    return {
        "operationId": "openapi",
        "summary": "This document",
        "responses": {"200": _content("this document", body)},
    }


def _questions() -> Schema:
    body: Schema = {
        "type": "object",
        "required": ["rulebook_version", "questions"],
        "properties": {"rulebook_version": {"type": "string"}, "questions": _LIST},
    }
    return {
        "operationId": "questions",
        "summary": "The questions, their help texts and the answers allowed",
        "responses": {"200": _content("the questions", body)},
    }


def _recommendation() -> Schema:
    return {
        "operationId": "recommendation",
        "summary": "The decision for these answers; an answer left out is not known yet",
        "parameters": [*map(_parameter, questions()), *map(_price, FIELDS), _CURRENCY],
        "responses": {
            "200": _content("the recommendation", {"$ref": "#/components/schemas/Recommendation"}),
            "400": {"$ref": response(400)},
        },
    }  # fmt: skip


def _content(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameter(question: Question) -> Schema:
    return {
        "name": question.id,
        "in": "query",
        "required": False,
        "description": " ".join(filter(None, [question.text, question.help])),
        "schema": _schema(question),
        **({"explode": True, "style": "form"} if question.kind is Kind.SEVERAL else {}),
    }


def _price(field: Field) -> Schema:
    said = f"{field.label}, {field.unit.replace('{currency}', 'money')}"
    return {
        "name": field.id,
        "in": "query",
        "required": False,
        "description": f"{said}; decides nothing, adds the cost of a million tokens",
        "schema": {"type": "number", "minimum": field.minimum, "maximum": field.maximum},
    }


_CURRENCY: Schema = {
    "name": CURRENCY,
    "in": "query",
    "required": False,
    "description": "three letters, such as EUR; needed with any price",
    "schema": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
}


_OWN = {
    "model": "a model of one's own, as `rigguide model` prints it: custom:<name>;params…;layers…",
    "device": f"a device of one's own: {FORM}",
}


def _schema(question: Question) -> Schema:
    if question.kind is Kind.NUMBER:
        limits = {"minimum": question.minimum, "maximum": question.maximum}
        return {"type": "number", **{k: v for k, v in limits.items() if v is not None}}
    one: Schema = {"type": "string", "enum": [option.value for option in question.options]}
    if question.id in _OWN:
        own = {"type": "string", "pattern": f"^{START}.+$", "description": _OWN[question.id]}
        return {"anyOf": [one, own]}
    return {"type": "array", "items": one} if question.kind is Kind.SEVERAL else one

"""The OpenAPI document for people: by tag, each operation with what it takes and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    where: str  # path | query | body
    kind: str
    required: bool
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """One status and when it is answered. `shape`: the name of what then comes."""

    status: str
    said: str
    shape: str


@dataclass(frozen=True, slots=True)
class Described:
    id: str
    method: str
    path: str
    summary: str
    scope: str
    token_needed: bool
    fields: tuple[Field, ...]
    answers: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Group:
    tag: str
    said: str
    operations: tuple[Described, ...]


@dataclass(frozen=True, slots=True)
class ShapeDescribed:
    name: str
    said: str
    fields: tuple[Field, ...]


def groups(document: Schema) -> tuple[Group, ...]:
    found = [
        (operation["tags"][0], _described(path, method, operation, document))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return tuple(
        Group(
            tag["name"],
            tag["description"],
            tuple(one for name, one in found if name == tag["name"]),
        )
        for tag in document["tags"]
    )


def shapes(document: Schema) -> tuple[ShapeDescribed, ...]:
    """What answers and bodies are made of, by name."""
    return tuple(
        ShapeDescribed(name, schema.get("description", ""), tuple(_properties(schema, "body")))
        for name, schema in sorted(document["components"]["schemas"].items())
        if schema.get("type") == "object"
    )


def _described(path: str, method: str, operation: Schema, document: Schema) -> Described:
    security = operation["security"]
    return Described(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        next((s["token"][0] for s in security if "token" in s), ""),
        {} not in security,
        (*_parameters(operation), *_body(operation, document)),
        tuple(_told(status, said, document) for status, said in operation["responses"].items()),
    )


def _parameters(operation: Schema) -> Iterator[Field]:
    for one in operation.get("parameters", ()):
        said = one.get("description", "")
        yield Field(one["name"], one["in"], _kind(one["schema"]), one["required"], said)


def _body(operation: Schema, document: Schema) -> Iterator[Field]:
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield from _properties(document["components"]["schemas"][_name(schema)], "body")


def _properties(schema: Schema, where: str) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Field(name, where, _kind(one), name in required, one.get("description", ""))


def _kind(schema: Schema) -> str:
    """In one or a few words; choices are said whole."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return " · ".join(str(value) or "empty" for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"]) or "empty"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = schema.get("type", "anything")
    named = " or ".join(kind) if isinstance(kind, list) else kind
    return f"{named} ({schema['format']})" if "format" in schema else named


def _told(status: str, said: Schema, document: Schema) -> Told:
    if "$ref" in said:
        said = document["components"]["responses"][_name(said)]
    content = said.get("content", {}).get("application/json", {}).get("schema", {})
    return Told(status, said["description"], _name(content) if "$ref" in content else "")


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]

"""The operations of `all.py` as OpenAPI 3.1 says them, their schemas from the pydantic models."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from guide.api.all import OPERATIONS
from guide.api.operations import Nothing, Operation
from guide.api.shapes import Error

Schema = dict[str, Any]
TEMPLATE: Final = "#/components/schemas/{model}"

COMMON: Final = {
    400: "what is wrong with the query or the body, and what is allowed",
    401: "a token is missing, unknown, revoked or expired",
    403: "the token lacks the scope, or its person may not",
    404: "there is nothing of yours or public at this address",
    405: "this address takes other methods",
    413: "the body is too large",
    415: "the body is not JSON",
    429: "too many in a minute; Retry-After says how many seconds to wait",
}
_PATH: Final[dict[str, Schema]] = {
    "host": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
    "run": {"type": "string", "format": "uuid"},
}
_TOLD: Final[dict[str, str]] = {"host": "id of the host", "run": "id of the run"}


def described() -> Schema:
    """The paths of every operation."""
    found: Schema = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return found


def schemas() -> Schema:
    """The components that these paths refer to."""
    return {name: schema for name, schema in _all().items() if name not in _queries()}


def _queries() -> set[str]:
    return {operation.query.__name__ for operation in OPERATIONS}


@cache
def _all() -> Schema:
    told = {(o.answer, "serialization") for o in OPERATIONS if o.answer}
    taken = {(o.body, "validation") for o in OPERATIONS if o.body}
    asked = {(o.query, "validation") for o in OPERATIONS if o.query is not Nothing}
    models: Any = sorted({*told, *taken, *asked, (Error, "serialization")}, key=str)
    _, definitions = models_json_schema(models, ref_template=TEMPLATE)
    found: Schema = definitions["$defs"]
    return found


def _operation(operation: Operation) -> Schema:
    token = {"token": [operation.scope.value]}
    described: Schema = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [*_in_path(operation), *_in_query(operation)],
        "security": [token] if operation.needs else [{}, token],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(_ref(operation.body))}
    return described


def _in_path(operation: Operation) -> list[Schema]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [
        {"name": n, "in": "path", "required": True, "description": _TOLD[n], "schema": _PATH[n]}
        for n in names
    ]


def _in_query(operation: Operation) -> list[Schema]:
    if operation.query is Nothing:
        return []
    properties = _all()[operation.query.__name__]["properties"]
    return [_parameter(name, dict(schema)) for name, schema in properties.items()]


def _parameter(name: str, schema: Schema) -> Schema:
    """An address cannot say null: what may be left out is."""
    said = schema.pop("description", "")
    schema.pop("title", None)
    rest = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
    schema |= rest[0] if rest else {}
    schema = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    said = said or schema.pop("description", "")
    described = {"name": name, "in": "query", "required": False, "schema": schema}
    return described | ({"description": said} if said else {})


def _responses(operation: Operation) -> Schema:
    answer = _ref(operation.answer) if operation.answer else {"type": "object"}
    found: Schema = {str(operation.status): {"description": "done", "content": _json(answer)}}
    if operation.method == "get":
        found["304"] = {"description": "you have it already (If-None-Match)"}
    for status in sorted({*_statuses(operation), *operation.refusals}):
        own = operation.refusals.get(status)
        found[str(status)] = _refused(own) if own else {"$ref": response(status)}
    return found


def _statuses(operation: Operation) -> set[int]:
    found = {400, 401, 403, 405, 429}
    found |= {404} if "{" in operation.path or operation.body else set()
    return found | ({413, 415} if operation.body else set())


def response(status: int) -> str:
    return f"#/components/responses/Refused{status}"


def responses() -> Schema:
    return {f"Refused{status}": _refused(said) for status, said in COMMON.items()}


def _refused(said: str) -> Schema:
    return {"description": said, "content": _json(_ref(Error))}


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": TEMPLATE.format(model=model.__name__)}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}

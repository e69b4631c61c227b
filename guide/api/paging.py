"""Pages by key: whoever follows `next` sees each row once, however many are added meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field

from guide.api.edge import Refusal

MOST: Final = 200
USUAL: Final = 50
R = TypeVar("R")


class Page(BaseModel):
    """`after`: from the `next` of the page before; nobody else makes one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=MOST, description="rows of a page")] = USUAL
    after: Annotated[
        str,
        Field(
            max_length=200, pattern="^[A-Za-z0-9_-]*$", description="the next of the page before"
        ),
    ] = ""


def row_id(text: str) -> int:
    """Raises ValueError for what no database has as an id."""
    found = int(text)
    if not 0 <= found < 2**63:
        raise ValueError(text)
    return found


def encoded(key: Sequence[Any]) -> str:
    raw = json.dumps([str(part) for part in key]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(after: str, kinds: Sequence[Callable[[str], Any]]) -> tuple[Any, ...] | None:
    """None at the beginning. Raises Refusal for what was not made by `encoded`."""
    if not after:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if not isinstance(parts, list):
            raise ValueError
        return tuple(kind(str(part)) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Refusal(400, "after: take it from the next of the page before.") from error


def cut(found: Sequence[R], limit: int) -> tuple[Sequence[R], bool]:
    """The rows of this page, of one more that was fetched to see whether there are more."""
    return found[:limit], len(found) > limit


def link(request: HttpRequest, key: Sequence[Any]) -> str:
    """The address of the next page: the same query, further on."""
    query = request.GET.copy()
    query["after"] = encoded(key)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

"""One operation of the API as data: the address that serves it and the document that describes it
are both made from this, so that neither can forget the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict

from benchruns.models import ApiToken, Scope
from benchruns.models.teams import Person

SMALL: Final = 64 * 1024
"""Bytes of a body that is no result document."""


class Nothing(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """`token` None: nobody said who they are. `requester`: a keyed hash of the address."""

    person: Person
    token: ApiToken | None
    requester: str


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given: everything in it has been validated."""

    request: HttpRequest
    caller: Caller
    path: Mapping[str, Any]
    query: Any  # an instance of Operation.query
    body: Any  # of Operation.body; None where there is none


@dataclass(frozen=True, slots=True)
class Answer:
    """`modified`: when what it tells last changed, where that is known."""

    body: BaseModel | dict[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` as in the document: `/api/v1/runs/{run}`. `needs`: whether nobody may do it without
    a token; `scope` is what a token must have. `refusals`: statuses of its own and what they say.
    """

    method: str
    path: str
    id: str
    tag: str
    summary: str
    scope: Scope
    answer: type[BaseModel] | None
    handle: Callable[[Call], Answer]
    status: int = 200
    needs: bool = False
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    most_bytes: Callable[[], int] = lambda: SMALL
    refusals: Mapping[int, str] = field(default_factory=dict)
    description: str = ""

    @property
    def writes(self) -> bool:
        return self.method != "get"

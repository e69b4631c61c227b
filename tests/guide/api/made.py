"""Programs that speak to the API, for stories."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from benchruns import api_tokens
from benchruns.models import Result, Run, Scope
from tests.benchruns.made import Machine, as_sent, document

BASE = "/api/v1"
ALL = tuple(Scope)


class Program:
    """What a person runs, with a token of theirs; a visitor's without one."""

    def __init__(self, person: User | None = None, scopes: Collection[Scope] = ALL) -> None:
        self.headers: dict[str, str] = {}
        if person is not None:
            _, secret = api_tokens.make(person, "program", scopes, None)
            self.headers["Authorization"] = f"Bearer {secret}"
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"{BASE}{path}", headers=self.headers | headers)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """`body` None: none at all."""
        told = {} if body is None else {"data": body if _raw(body) else json.dumps(body)}
        return self.client.generic(
            method, f"{BASE}{path}", content_type="application/json", headers=self.headers, **told
        )

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)


def _raw(body: Any) -> bool:
    return isinstance(body, (str, bytes))


def measured(machine: Machine, itl_s: float = 0.05, **columns: Any) -> Run:
    run = machine.claimed(team=machine.row.team, by_visitor=False, **columns)
    assert machine.about(run, "result", document=as_sent(document(itl_s=itl_s))).status_code == 200
    run.refresh_from_db()
    assert Result.objects.filter(run=run).exists()
    return run


def error(answer: Any, status: int) -> str:
    """The sentence; every refusal is one, and nothing else."""
    assert answer.status_code == status, answer.content
    told = answer.json()
    assert list(told) == ["error"]
    assert told["error"]
    return str(told["error"])

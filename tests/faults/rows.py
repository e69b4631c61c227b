"""The rows as the suite reads and writes them, while database and disk come and go."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, connection

from benchruns import outcomes
from benchruns.models import Host, Result, Run
from benchruns.states import TERMINAL
from benchruns.wake import publish
from tests.benchruns.made import queued
from tests.faults.measuring import plan

T = TypeVar("T")
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    state: str
    attempt: int
    host_id: int | None


def persist(call: Callable[[], T]) -> T:
    """Again and again while the database is away or its disk is full. Raises its last word."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call()
        except DatabaseError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def ask_for(number: int) -> UUID:
    run = persist(lambda: queued(plan=plan(number)))
    publish(run.team_id)
    return run.pk


def look() -> dict[UUID, Seen] | None:
    """Every run; None while the database does not answer."""
    try:
        rows = Run.objects.values_list("pk", "state", "attempt", "host_id")
        return {pk: Seen(state, attempt, host) for pk, state, attempt, host in rows}
    except DatabaseError:
        connection.close()
        return None


def cancel(run: UUID) -> None:
    persist(lambda: outcomes.request_cancel(Run.objects.get(pk=run)))


def held_by(host: Host, runs: dict[UUID, Seen]) -> tuple[UUID, int] | None:
    """The run that host holds, and its attempt."""
    held = ("claimed", "preparing", "running")
    for pk, seen in runs.items():
        if seen.host_id == host.pk and seen.state in held:
            return pk, seen.attempt
    return None


def unfinished() -> int:
    return persist(lambda: Run.objects.exclude(state__in=TERMINAL).count())


def ends() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in persist(lambda: list(Run.objects.values_list("state", flat=True))):
        found[state] = found.get(state, 0) + 1
    return found


def results() -> list[Result]:
    return persist(lambda: list(Result.objects.select_related("run", "run__host")))

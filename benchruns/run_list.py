"""The list of runs: filters, and pages that cost the same however long the list is.

A page begins after the run that the page before ended with (`before`), not after a number of runs:
the database goes straight to it by an index, and a run that comes meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from benchruns.models import Host, Run
from benchruns.states import HELD, State
from recommender import rulebook

LISTED: Final = 50
# One state each, but for the few at work: of several the database would have to sort all there are.
STATES: Final[Mapping[str, tuple[str, frozenset[State]]]] = {
    "waiting": ("waiting", frozenset({State.QUEUED})),
    "working": ("at work", HELD),
    "measured": ("measured", frozenset({State.DONE})),
    "failed": ("failed", frozenset({State.FAILED})),
    "expired": ("given up", frozenset({State.EXPIRED})),
    "cancelled": ("cancelled", frozenset({State.CANCELLED})),
}


class BadFilter(ValueError):
    """What is wrong with the address, in a sentence that says what is allowed."""


@dataclass(frozen=True, slots=True)
class Filters:
    """As the address says them; "" is all."""

    state: str = ""
    engine: str = ""
    host: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str], hosts: Mapping[str, Host]) -> Filters:
        """Raises BadFilter."""
        allowed = {"state": STATES, "engine": rulebook.load().engines, "host": hosts}
        chosen = {name: given.get(name, "") for name in allowed}
        for name, value in chosen.items():
            if value and value not in allowed[name]:
                known = ", ".join(map(str, allowed[name])) or "none"
                raise BadFilter(f"{name}: {value!r} is none of {known}.")
        return cls(**chosen)

    def apply(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        if self.state:
            runs = runs.filter(state__in=STATES[self.state][1])
        if self.engine:
            runs = runs.filter(engine=self.engine)
        if self.host:
            runs = runs.filter(wanted_host=int(self.host))
        return runs

    @property
    def any(self) -> bool:
        return bool(self.state or self.engine or self.host)

    def query(self, **more: str) -> str:
        kept = {"state": self.state, "engine": self.engine, "host": self.host} | more
        return urlencode({name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class Page:
    """`older`: the query of the next page; "" on the last one."""

    runs: list[Run]
    older: str
    first: bool


def page(runs: QuerySet[Run], filters: Filters, before: str) -> Page:
    """Newest first. Raises BadFilter."""
    found = filters.apply(runs).filter(_after(before)) if before else filters.apply(runs)
    ordered = found.select_related("host", "wanted_host").order_by("-requested_at", "-pk")
    # Of the row that says there is more nothing is shown.
    rows = list(ordered.defer("log", "reason", "answers")[: LISTED + 1])
    older = filters.query(before=_mark(rows[LISTED - 1])) if len(rows) > LISTED else ""
    return Page(rows[:LISTED], older, first=not before)


def _mark(run: Run) -> str:
    return f"{run.requested_at:%Y-%m-%dT%H:%M:%S.%fZ}_{run.pk}"


def _after(mark: str) -> Q:
    at, run = _read(mark)
    return Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=run)


def _read(mark: str) -> tuple[datetime, UUID]:
    time, _, run = mark.partition("_")
    try:
        at, pk = parse_datetime(time), UUID(run)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadFilter(f"before: {mark!r} is no place in this list; go back to its beginning.")
    return at, pk

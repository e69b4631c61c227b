"""Where a waiting run stands and how long it will likely wait, by the rule that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.db.models.fields.json import KT
from django.utils import timezone

from benchruns.models import Host, Run
from benchruns.queueing.fair import Flow, Waiting, in_order
from benchruns.queueing.pace import Took, Work, expected_s, left_s
from benchruns.queueing.turns import WITHIN_FLOW, flow_at, shares_now
from benchruns.states import HELD, State

PAST: Final = 200
"""The newest runs of a machine that are looked through for like ones."""
MOST_WAITING: Final = 2000
LOOKED_AT: Final = 3
"""Of the machines that could take a run which names none: those with least to do."""
FRESH_S: Final = 2
"""All who watch one machine's queue share one look at it for so long."""

_KEY: Final = "benchruns.forecast.{}"
_WORK: Final = ("kind", "engine", "model", "quant")


@dataclass(frozen=True, slots=True)
class Place:
    """`position` 1 is next. `wait_s`: None where it is not known yet."""

    position: int
    wait_s: float | None
    takes_s: float | None


Forecast = Mapping[UUID, Place]


def place(run: Run) -> Place | None:
    """Where a queued run stands at the machine it will likely go to; None where it is not known."""
    places = [found for host in _hosts(run) if (found := forecast(host).get(run.pk))]
    return min(places, key=lambda p: (p.wait_s is None, p.wait_s, p.position), default=None)


def queue_position(run: Run) -> int | None:
    """1 is next; None where it does not wait, or no machine is there that could take it."""
    found = place(run) if run.state == State.QUEUED else None
    return None if found is None else found.position


def _hosts(run: Run) -> list[Host]:
    if run.wanted_host is not None:
        return [run.wanted_host]
    able = Host.objects.attached().filter(team_id=run.team_id, paused=False)
    counted = able.annotate(
        waits=Count("runs_asked_of", filter=Q(runs_asked_of__state=State.QUEUED))
    )
    hosts = [host for host in counted.order_by("waits", "pk") if run.engine in host.measures]
    return sorted(hosts, key=lambda host: not host.live)[:LOOKED_AT]


def forecast(host: Host) -> Forecast:
    """All that waits for this host, at most FRESH_S old. Four queries, or none."""
    found: Forecast | None = cache.get(_KEY.format(host.pk))
    if found is None:
        found = foretell(host, timezone.now())
        cache.set(_KEY.format(host.pk), found, FRESH_S)
    return found


def forget(host: int) -> None:
    """Its queue moved: the next who asks looks at it."""
    cache.delete(_KEY.format(host))


def foretell(host: Host, now: datetime) -> Forecast:
    rows = _recent(host)
    past = _past(rows)
    busy_s: float | None = _busy_s([row for row in rows if row["state"] in HELD], now)
    places: dict[UUID, Place] = {}
    waiting = _waiting(host, past)
    shares = shares_now(host, _oldest(waiting), now)
    for position, run in enumerate(in_order(waiting, shares), 1):
        assert isinstance(run.key, UUID)
        places[run.key] = Place(position, busy_s, run.seconds)
        busy_s = None if busy_s is None or run.seconds is None else busy_s + run.seconds
    return places


def expected(run: Run, host: Host) -> float | None:
    """How long that run will likely have the machine, in seconds. One query."""
    limit_s = None if run.plan.get("time_limit_s") is None else float(run.plan["time_limit_s"])
    work = Work(run.kind, run.engine, run.model, run.quant, limit_s)
    return expected_s(work, _past(_recent(host)))


def remaining_s(run: Run, now: datetime) -> float | None:
    """Of a run that a machine holds: by its own pace, else by what like runs took there."""
    return _left_s(run.fraction, run.started_at, run.claimed_at, run.expected_s, now)


def _left_s(
    fraction: float | None,
    started_at: datetime | None,
    claimed_at: datetime | None,
    whole_s: float | None,
    now: datetime,
) -> float | None:
    by_pace = left_s(fraction, started_at, now)
    if by_pace is not None or whole_s is None or claimed_at is None:
        return by_pace
    left = whole_s - (now - claimed_at).total_seconds()
    return left if left > 0 else None  # it takes longer than the others: nobody knows how long


def _recent(host: Host) -> list[dict[str, Any]]:
    """What the machine did last and does now, newest first."""
    runs = Run.objects.filter(host=host, state__in=[State.DONE, *HELD], attempt__gt=0)
    rows = runs.exclude(claimed_at=None).annotate(limit=KT("plan__time_limit_s"))
    columns = ("state", "limit", "claimed_at", "started_at", "finished_at", "fraction")
    return list(rows.order_by("-claimed_at").values(*_WORK, *columns, "expected_s")[:PAST])


def _past(rows: Sequence[Mapping[str, Any]]) -> list[Took]:
    return [
        Took(_work(row), (row["finished_at"] - row["claimed_at"]).total_seconds())
        for row in rows
        if row["state"] == State.DONE and row["finished_at"] is not None
    ]


def _waiting(host: Host, past: Sequence[Took]) -> list[Waiting]:
    """Runs that back off stand here as well: they wait, and come soon."""
    here = Q(team_id=host.team_id, wanted_host=None) | Q(wanted_host=host)
    runs = Run.objects.filter(here, state=State.QUEUED)
    rows = runs.annotate(flow=flow_at(host), limit=KT("plan__time_limit_s"), key=F("pk"))
    columns = ("flow", "limit", "key", "requested_at", "priority", "turn")
    return [
        Waiting(
            key=row["key"],
            flow=row["flow"],
            asked=row["requested_at"],
            priority=row["priority"],
            turn=row["turn"],
            seconds=expected_s(_work(row), past),
        )
        for row in rows.order_by(*WITHIN_FLOW).values(*_WORK, *columns)[:MOST_WAITING]
    ]


def _oldest(waiting: Sequence[Waiting]) -> dict[Flow, datetime]:
    newest_first = sorted(waiting, key=lambda run: run.asked, reverse=True)
    return {run.flow: run.asked for run in newest_first}


def _busy_s(held: Sequence[Mapping[str, Any]], now: datetime) -> float | None:
    """Until the machine is free: 0 while it holds nothing, None where that is not known."""
    left = [
        _left_s(r["fraction"], r["started_at"], r["claimed_at"], r["expected_s"], now) for r in held
    ]
    known = [seconds for seconds in left if seconds is not None]
    return max(known, default=0.0) if len(known) == len(left) else None


def _work(row: Mapping[str, Any]) -> Work:
    limit_s = None if row["limit"] is None else float(row["limit"])
    return Work(row["kind"], row["engine"], row["model"], row["quant"], limit_s)

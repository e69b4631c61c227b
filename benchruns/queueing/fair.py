"""Whose run is next on a machine: teams take turns by the machine's time. Pure, no database.

The rule is that of fair queueing by start tags: whoever was given least of the machine's time goes
next, and who comes (back) starts level with the least of those who wait, so that nobody saves up
turns while away and nobody pays for time that no other wanted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Final

Flow = int  # a team's id, or VISITORS

VISITORS: Final[Flow] = 0
"""All visitors of a machine together are one flow: many visitors do not outweigh its own team."""

GUESS_S: Final = 60.0
"""Stands in for a length nobody knows where only the order is asked for."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Seconds of one machine that each flow was given. Nobody is below `floor_s`, which only grows.

    A flow at the floor needs no entry. `last`: who was served last, where that is known; of equals
    another one is next.
    """

    used_s: Mapping[Flow, float] = field(default_factory=dict)
    floor_s: float = 0.0
    last: Flow | None = None

    def of(self, flow: Flow) -> float:
        return max(self.used_s.get(flow, 0.0), self.floor_s)

    def charged(self, flow: Flow, seconds: float, unopposed_s: float = 0.0) -> Shares:
        """With what a run took of the machine. For as long as nobody else waited, it cost nobody
        anything: the floor rises with it."""
        start, took = self.of(flow), max(0.0, seconds)
        floor = max(self.floor_s, start + min(took, max(0.0, unopposed_s)))
        return Shares({**self.used_s, flow: start + took}, floor, flow)

    def level(self, waiting: Iterable[Flow]) -> Shares:
        """The floor raised to the least of those who wait now."""
        floor = max(self.floor_s, min(map(self.of, waiting), default=self.floor_s))
        used = {flow: seconds for flow, seconds in self.used_s.items() if seconds > floor}
        return Shares(used, floor, self.last)


@dataclass(frozen=True, slots=True)
class Served:
    """A run that had the machine from `began` to `ended`."""

    flow: Flow
    began: datetime
    ended: datetime


def counted(shares: Shares, served: Iterable[Served], oldest: Mapping[Flow, datetime]) -> Shares:
    """With all that was served since. `oldest`: who waits now, since when.

    While a run has a machine nobody else gets it, so whoever came meanwhile still waits.
    """
    for run in sorted(served, key=lambda run: run.ended):
        others = (asked for flow, asked in oldest.items() if flow != run.flow)
        opposed_at = min((run.ended, *others))
        took, unopposed = run.ended - run.began, opposed_at - run.began
        shares = shares.charged(run.flow, took.total_seconds(), unopposed.total_seconds())
    return shares


def next_flow(shares: Shares, oldest: Mapping[Flow, datetime]) -> Flow:
    """Of the flows that wait, since when, the one whose turn it is. `oldest` is not empty."""
    return min(oldest, key=lambda f: (shares.of(f), f == shares.last, oldest[f], f))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run in the queue. `seconds`: what it will likely take; None where nobody knows.

    `turn`: how many the same person already had waiting when it was asked for.
    """

    key: Hashable
    flow: Flow
    asked: datetime
    priority: int = 0
    turn: int = 0
    seconds: float | None = None


def within_flow(run: Waiting) -> tuple[int, int, datetime, str]:
    """Sorts a flow's runs, the next one first. The database sorts by the same columns."""
    return (-run.priority, run.turn, run.asked, str(run.key))


def in_order(waiting: Iterable[Waiting], shares: Shares) -> Iterator[Waiting]:
    """All of them in the order in which one machine would take them if nobody else came."""
    flows: dict[Flow, list[Waiting]] = {}
    for run in sorted(waiting, key=within_flow, reverse=True):
        flows.setdefault(run.flow, []).append(run)  # the next one last
    oldest = {flow: list(accumulate((r.asked for r in runs), min)) for flow, runs in flows.items()}
    while flows:
        shares = shares.level(flows)
        flow = next_flow(shares, {flow: since[-1] for flow, since in oldest.items()})
        run = flows[flow].pop()
        oldest[flow].pop()
        if not flows[flow]:
            del flows[flow], oldest[flow]
        yield run
        shares = shares.charged(flow, GUESS_S if run.seconds is None else run.seconds)

"""Whose run is next on a machine: teams take turns by the machine's time. Pure, no database.

The rule is that of fair queueing by start tags: whoever was given least of the machine's time goes
next, and who comes (back) starts level with the least of those who wait, so that nobody saves up
turns while away and nobody pays for time that no other wanted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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

    A flow at the floor needs no entry.
    """

    used_s: Mapping[Flow, float] = field(default_factory=dict)
    floor_s: float = 0.0

    def of(self, flow: Flow) -> float:
        return max(self.used_s.get(flow, 0.0), self.floor_s)

    def charged(self, given: Iterable[tuple[Flow, float]]) -> Shares:
        """With what runs took of the machine, in seconds."""
        used = dict(self.used_s)
        for flow, seconds in given:
            used[flow] = max(used.get(flow, 0.0), self.floor_s) + max(0.0, seconds)
        return replace(self, used_s=used)

    def level(self, waiting: Iterable[Flow]) -> Shares:
        """The floor raised to the least of those who wait now."""
        floor = max(self.floor_s, min(map(self.of, waiting), default=self.floor_s))
        used = {flow: seconds for flow, seconds in self.used_s.items() if seconds > floor}
        return Shares(used, floor)


def next_flow(shares: Shares, oldest: Mapping[Flow, datetime]) -> Flow:
    """Of the flows that wait, since when, the one whose turn it is. `oldest` is not empty."""
    return min(oldest, key=lambda flow: (shares.of(flow), oldest[flow], flow))


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
        shares = shares.charged([(flow, GUESS_S if run.seconds is None else run.seconds)])

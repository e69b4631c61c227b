"""A load curve: warm-up, then one point after the other, watched all the while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

import aiohttp

from benchruns.host.document import Sample
from benchruns.host.load.closed_loop import ClosedLoop, Tally
from benchruns.host.load.lag import LagMeter
from benchruns.host.load.pace import Pace, share_s
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target, session
from benchruns.host.load.warm_up import Warm, warm_clients, warm_up
from benchruns.host.plan import Plan

T = TypeVar("T")
_LOOK_S = 0.05
_WARM_UP_SHARE = 0.04
Watch = Callable[[], None]
"""Called many times a second: raises when somebody cancelled or the engine died."""
Others = Callable[[], Callable[[], float | None]]
"""Begins to watch; what it returns tells the percentage of all cores that others used since."""
Live = Callable[[str, int, Tally | None], None]
"""(phase, index of the point, what it has seen): for whoever shows progress."""


class OutOfTime(Exception):
    """The plan's time limit is over."""


@dataclass(frozen=True, slots=True)
class RawPoint:
    clients: int
    duration_s: float
    samples: tuple[Sample, ...]
    lag_p99_ms: float | None
    cut: bool  # by the time limit
    cpu_percent_others: float | None


@dataclass(slots=True)
class Curve:
    """`aim` and `deadline` are on the monotonic clock: when it should be over on a quiet machine,
    and when it must be over. `settled` is called after each point.
    """

    plan: Plan
    target: Target
    aim: float
    deadline: float
    watch: Watch
    live: Live
    settled: Callable[[RawPoint], Awaitable[None]]
    others: Others = lambda: lambda: None
    points: list[RawPoint] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)

    async def run(self, *, dialect_known: bool) -> None:
        """Fills `points`; numbers of clients for which no time was left go to `skipped`."""
        async with session() as http:
            warm = await self._warm(http, dialect_known)
            for index, clients in enumerate(self.plan.clients):
                await self._point(http, warm, index, clients)

    async def _warm(self, http: aiohttp.ClientSession, dialect_known: bool) -> Warm:
        self.live("warming-up", 0, None)
        prompts = Prompts(self.plan.seed, words=self.plan.prompt_tokens)
        dialect = self.target.dialect if dialect_known else None
        budget_s = self.plan.time_limit_s * _WARM_UP_SHARE
        work = warm_up(http, self.target, dialect, prompts, budget_s)
        return await self._watched(work, 0, None)

    async def _point(
        self, http: aiohttp.ClientSession, warm: Warm, index: int, clients: int
    ) -> None:
        left_s = self.deadline - monotonic()
        if left_s < self._least_s(warm, clients):
            self.skipped.append(clients)
            return
        try:
            await self._watched(warm_clients(http, warm, clients), index, None)
        except OutOfTime:
            self.skipped.append(clients)
            return
        left, now = len(self.plan.clients) - index, monotonic()
        box_s, hard_s = share_s(self.aim - now, left), share_s(self.deadline - now, left)
        pace = Pace(self.plan.requests_per_client * clients, box_s, hard_s)
        loop = ClosedLoop(warm.target, warm.prompts, index, clients, pace)
        point = await self._measure(http, loop, index, box_s)
        await self.settled(point)
        if point.samples:
            self.points.append(point)
        else:
            self.skipped.append(clients)

    def _least_s(self, warm: Warm, clients: int) -> float:
        """At worst the clients are served one after the other; one answer each must fit."""
        if not self.points:
            return warm.request_s
        before = self.points[-1]
        spans = [s.end_s - s.start_s for s in before.samples if s.end_s is not None]
        return max(spans, default=warm.request_s) * max(1.0, clients / before.clients) * 0.7

    async def _measure(
        self, http: aiohttp.ClientSession, loop: ClosedLoop, index: int, box_s: float
    ) -> RawPoint:
        others = self.others()
        tally, lag, cut = Tally(box_s=box_s), LagMeter(), False
        meter = asyncio.create_task(lag.run())
        try:
            await self._watched(loop.run(http, tally), index, tally)
        except OutOfTime:
            cut = True
        finally:
            meter.cancel()
        return RawPoint(
            clients=loop.clients,
            duration_s=round(tally.elapsed_s, 3),
            samples=tuple(tally.samples),
            lag_p99_ms=lag.p99_ms(),
            cut=cut,
            cpu_percent_others=others(),
        )

    async def _watched(self, work: Coroutine[Any, Any, T], index: int, tally: Tally | None) -> T:
        """Runs `work`; ends it as soon as the watch raises or the time is over."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
                self.watch()
                if monotonic() > self.deadline:
                    raise OutOfTime
                if tally is not None:
                    self.live("measuring", index, tally)
            return task.result()
        finally:
            await _end(task)


async def _end(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

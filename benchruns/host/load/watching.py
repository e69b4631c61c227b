"""Runs one piece of load and watches: shall it go on, is there time, what does it cost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from benchruns.host.load.closed_loop import Tally
from benchruns.host.load.lag import LagMeter
from benchruns.host.load.point import RawPoint
from benchruns.host.load.quiet import CostMeter, no_collection

T = TypeVar("T")
_LOOK_S = 0.05


class OutOfTime(Exception):
    """The plan's time limit is over."""


@dataclass(frozen=True, slots=True)
class Step:
    """The `index`-th thing that the plan asks for, from 0. `clients`: None in an open loop."""

    index: int
    words: str
    clients: int | None = None


async def no_counters() -> Callable[[], Awaitable[int | None]]:
    async def none() -> int | None:
        return None

    return none


Watch = Callable[[], None]
"""Called many times a second: raises when somebody cancelled or the engine died."""
Others = Callable[[], Callable[[], float | None]]
"""Begins to watch; what it returns tells the percentage of all cores that others used since."""
Counters = Callable[[], Awaitable[Callable[[], Awaitable[int | None]]]]
"""Begins to watch the server's own counters; what it returns tells how many prompt tokens came
from its cache since, None where it does not count them."""
Live = Callable[[str, Step, Tally | None], None]
"""(phase, what is being done, what it has seen): for whoever shows progress."""


@dataclass(frozen=True, slots=True)
class Watching:
    """`deadline` is on the monotonic clock."""

    deadline: float
    watch: Watch
    live: Live
    others: Others
    counters: Counters

    async def watched(self, work: Coroutine[Any, Any, T], step: Step, tally: Tally | None) -> T:
        """Runs `work`; ends it as soon as the watch raises or the time is over (OutOfTime)."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
                self.watch()
                if monotonic() > self.deadline:
                    raise OutOfTime
                if tally is not None:
                    self.live("measuring", step, tally)
            return task.result()
        finally:
            await _end(task)

    async def measure(
        self, load: Callable[[Tally], Coroutine[Any, Any, None]], step: Step, box_s: float
    ) -> RawPoint:
        """What one point saw and what seeing it cost; who sent it is for the caller to add."""
        cached, others, lag = await self.counters(), self.others(), LagMeter()
        with no_collection():
            tally, cost, cut = Tally(box_s=box_s), CostMeter(), False
            meter = asyncio.create_task(lag.run())
            try:
                await self.watched(load(tally), step, tally)
            except OutOfTime:
                cut = True
            finally:
                meter.cancel()
            duration_s, percent = round(tally.elapsed_s, 3), others()
            client = cost.load(_tokens(tally), tally.handling.p99_ms())
        return RawPoint(
            clients=step.clients or 0,
            duration_s=duration_s,
            samples=tuple(tally.samples),
            lag_p99_ms=lag.p99_ms(),
            cut=cut,
            cpu_percent_others=percent,
            client=client,
            cached_tokens=await cached(),
        )


def _tokens(tally: Tally) -> int:
    return sum(sample.output_tokens or len(sample.token_times_s) for sample in tally.samples)


async def _end(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""A load: warm-up, the closed-loop curve, then open-loop rates and the search for goodput."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic

from benchruns.host.load.closed_loop import ClosedLoop
from benchruns.host.load.dialect import candidates
from benchruns.host.load.goodput import Search, failed_once, holds, of_a_try
from benchruns.host.load.open_loop import MOST_IN_FLIGHT, RAMP, OpenLoop
from benchruns.host.load.pace import Pace, share_s
from benchruns.host.load.point import RawPoint
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target
from benchruns.host.load.warm_up import Warm, warm_clients, warm_up
from benchruns.host.load.watching import (
    Counters,
    Live,
    Others,
    OutOfTime,
    Step,
    Watch,
    Watching,
    no_counters,
)
from benchruns.host.load.window import parted, parted_open
from benchruns.host.load.wire import room_for_connections
from benchruns.host.plan import Plan
from benchruns.host.statistics import summarise

__all__ = ["Curve", "OutOfTime", "RawPoint", "steps"]

_WARM_UP_SHARE = 0.04
_TRIES = 4  # so many tries of a search share the time that is left


def steps(plan: Plan) -> int:
    """How many things the plan asks for; the search for goodput is one."""
    return len(plan.clients) + len(plan.rates_per_s) + (plan.goodput is not None)


class _NoRoom(Exception):
    """No time for even the warm-up of a point."""


@dataclass(slots=True)
class Curve:
    """`aim` and `deadline` are on the monotonic clock: when it should be over on a quiet machine,
    and when it must be over. `settled` is called after each point; `sound` says whether its figures
    can be leant on when it comes to goodput.
    """

    plan: Plan
    target: Target
    aim: float
    deadline: float
    watch: Watch
    live: Live
    settled: Callable[[RawPoint], Awaitable[None]]
    others: Others = lambda: lambda: None
    counters: Counters = no_counters
    sound: Callable[[RawPoint], bool] = lambda _point: True
    points: list[RawPoint] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    open_points: list[RawPoint] = field(default_factory=list)
    rates_skipped: list[float] = field(default_factory=list)
    search: Search | None = None
    tries: list[RawPoint] = field(default_factory=list)

    @property
    def _watching(self) -> Watching:
        return Watching(self.deadline, self.watch, self.live, self.others, self.counters)

    async def run(self, *, dialect_known: bool) -> None:
        """Fills `points` and the rest; what no time was left for goes to `skipped`."""
        room_for_connections(max(MOST_IN_FLIGHT, *self.plan.clients))
        warm = await self._warm(dialect_known)
        for index, clients in enumerate(self.plan.clients):
            await self._closed(warm, index, clients)
        for index, rate in enumerate(self.plan.rates_per_s, start=len(self.plan.clients)):
            await self._open(warm, index, rate)
        if self.plan.goodput is not None:
            self.search = Search()
            await self._goodput(warm, self.search)

    async def _warm(self, dialect_known: bool) -> Warm:
        step, plan = Step(0, "Warming up"), self.plan
        self.live("warming-up", step, None)
        prompts = Prompts(
            plan.seed,
            words=plan.prompt_tokens,
            lengths=plan.prompt_lengths,
            output_lengths=plan.output_lengths,
        )
        ways = candidates(self.target.dialect if dialect_known else None, plan.api)
        work = warm_up(self.target, ways, prompts, plan.time_limit_s * _WARM_UP_SHARE)
        return await self._watching.watched(work, step, None)

    async def _closed(self, warm: Warm, index: int, clients: int) -> None:
        if self._room(warm, clients):
            with suppress(_NoRoom):
                point = await self._at(warm, index, clients, str(index))
                if point.samples:
                    self.points.append(point)
                    return
        self.skipped.append(clients)

    def _room(self, warm: Warm, clients: int) -> bool:
        """At worst the clients are served one after the other; one answer each must fit."""
        left_s = self.deadline - monotonic()
        if not self.points:
            return left_s >= warm.request_s
        before = self.points[-1]
        spans = [s.end_s - s.start_s for s in before.samples if s.end_s is not None]
        longest_s = max(spans, default=warm.request_s)
        return left_s >= 0.7 * longest_s * max(1.0, clients / before.clients)

    async def _at(
        self, warm: Warm, index: int, clients: int, place: str, *, at_least: int = 0
    ) -> RawPoint:
        """One closed-loop point. Raises _NoRoom."""
        step = Step(index, f"{clients} client{'s' if clients > 1 else ''} at once", clients)
        try:
            await self._watching.watched(warm_clients(warm, clients), step, None)
        except OutOfTime:
            raise _NoRoom from None
        box_s, hard_s = self._shares(_TRIES if at_least else steps(self.plan) - index)
        wanted = max(self.plan.requests_per_client * clients, at_least)
        together = 1 if at_least else clients  # a try needs tails, and no interval of a median
        pace = Pace(wanted, box_s, hard_s, self.plan.half_width, together)
        loop = ClosedLoop(warm.sender(place), clients, pace, self.plan.ramp_s)
        raw = await self._watching.measure(loop.run, step, box_s)
        return await self._settle(raw, samples=parted(raw.samples, clients, self.plan.ramp_s))

    def _shares(self, points_left: int) -> tuple[float, float]:
        now, most_s = monotonic(), float(self.plan.point_limit_s)
        return (
            share_s(self.aim - now, points_left, most_s),
            share_s(self.deadline - now, points_left, most_s),
        )

    async def _settle(self, raw: RawPoint, **changes: object) -> RawPoint:
        point: RawPoint = replace(raw, **changes)  # type: ignore[arg-type]
        await self.settled(point)
        return point

    async def _open(self, warm: Warm, index: int, rate: float) -> None:
        """Offers the rate for the plan's time, or for what is left of it."""
        left_s = (self.deadline - monotonic()) / (steps(self.plan) - index)
        for_s = min(float(self.plan.rate_s), 0.7 * left_s)
        if for_s * rate < 1 or for_s < warm.request_s:
            self.rates_skipped.append(rate)
            return
        loop = OpenLoop(
            warm.sender(f"open-{index}"),
            rate,
            for_s,
            drain_s=max(2.0, 0.4 * for_s, 3 * warm.request_s),
        )
        step = Step(index, f"{rate:g} requests a second")
        raw = await self._watching.measure(loop.run, step, for_s)
        self.open_points.append(
            await self._settle(
                raw,
                samples=parted_open(raw.samples, RAMP * for_s),
                rate_per_s=rate,
                in_flight=tuple(loop.in_flight),
            )
        )

    async def _goodput(self, warm: Warm, search: Search) -> None:
        """Begins with what the curve has shown already."""
        for point in self.points:
            self._judge(search, point, of_curve=True)
        while (clients := search.next()) is not None and self._room(warm, clients):
            try:
                place = f"goodput-{clients}-{len(self.tries)}"
                point = await self._at(
                    warm, steps(self.plan) - 1, clients, place, at_least=of_a_try(clients)
                )
            except _NoRoom:
                return
            self.tries.append(point)
            if not self._judge(search, point):
                return  # another try would tell no more

    def _judge(self, search: Search, point: RawPoint, *, of_curve: bool = False) -> bool:
        """Whether it is of use to go on: what told nothing is tried once more, as is what one lone
        failure speaks against. Another try for too few answers would be no longer.
        """
        assert self.plan.goodput is not None
        found, sound = summarise(point.samples, point.clients), self.sound(point)
        held = holds(found, self.plan.goodput) if sound else None
        if held is None and (sound or of_curve):
            return False
        doubtful = held is None or failed_once(found, self.plan.goodput)
        if doubtful and search.doubt(point.clients):
            return True
        if held is not None:
            search.tell(point.clients, held)
        return held is not None

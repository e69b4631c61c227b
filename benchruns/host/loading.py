"""Loads a running engine and watches: does it live, shall it go on, how far is it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from benchruns.host import choice, conditions, counters
from benchruns.host.adapters.base import RunningEngine
from benchruns.host.courier import Courier
from benchruns.host.errors import CannotMeasure, EngineFailed
from benchruns.host.load.closed_loop import Tally
from benchruns.host.load.curve import Curve, OutOfTime, RawPoint, steps
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.request import Target
from benchruns.host.load.watching import Step
from benchruns.host.load.wire import StampedLoop
from benchruns.host.plan import Plan
from benchruns.host.points import Maker
from benchruns.host.progress import WARMING_UP

_BEGIN, _SPAN = 0.35, 0.6  # where the curve lies in the fraction of the whole


@dataclass(frozen=True, slots=True)
class Loading:
    """`deadline` is on the monotonic clock."""

    plan: Plan
    engine: RunningEngine
    courier: Courier
    deadline: float
    ceiling_tok_s: float | None = None  # tokens/s per user that this machine cannot exceed

    def run(self) -> Curve:
        """At least one point. Raises EngineFailed, CannotMeasure, Cancelled."""
        curve = self._curve()
        try:
            with suppress(OutOfTime), asyncio.Runner(loop_factory=StampedLoop) as runner:
                runner.run(curve.run(dialect_known=self.engine.dialect is not None))
        except EngineFailed as error:
            raise self._with_log(error) from error
        if not (curve.points or curve.open_points):
            raise CannotMeasure(
                f"The time limit of {self.plan.time_limit_s} s was over before a single point "
                "could be measured. Give it more time, fewer tokens or a smaller model.",
                log=self.engine.log_tail(),
            )
        return curve

    def _curve(self) -> Curve:
        began = self.deadline - self.plan.time_limit_s
        return Curve(
            plan=self.plan,
            target=self._target(),
            aim=began + choice.aim_s(self.plan, monotonic() - began),
            deadline=self.deadline,
            watch=self._watch,
            live=self._live,
            settled=self._settled,
            others=self._others,
            counters=self._counters,
            sound=Maker(self.plan, None, self.ceiling_tok_s).sound,
        )

    def _target(self) -> Target:
        return Target(
            base_url=self.engine.base_url,
            model_name=self.engine.model_name,
            dialect=self.engine.dialect or NATIVE,
            output_tokens=self.plan.output_tokens,
            timeout_s=float(self.plan.request_limit_s or self.plan.time_limit_s),
            headers=self.engine.headers,
        )

    def _others(self) -> Callable[[], float | None]:
        """The processes of a server that is not ours cannot be told from those of others."""
        pid = self.engine.pid
        return (lambda: None) if pid is None else conditions.CpuWatch(pid).percent_others

    async def _counters(self) -> Callable[[], Awaitable[int | None]]:
        """What the server's own counters say of its prefix cache, asked outside of the point."""
        before = await asyncio.to_thread(self._cached_tokens)

        async def since() -> int | None:
            after = await asyncio.to_thread(self._cached_tokens)
            return None if before is None or after is None else max(0, after - before)

        return since

    def _cached_tokens(self) -> int | None:
        return counters.cached_tokens(counters.fetch(self.engine.base_url, self.engine.headers))

    def _watch(self) -> None:
        self.courier.check()
        if self.engine.pid is not None and not self.engine.alive():
            raise self._gone()

    def _gone(self) -> EngineFailed:
        name = self.engine.facts().name
        return EngineFailed(
            f"{name} stopped in the middle of the measurement ({self.engine.ending()}).",
            log=self.engine.log_tail(),
        )

    def _with_log(self, error: EngineFailed) -> EngineFailed:
        if not self._survives():
            return self._gone()
        return EngineFailed(error.reason, log=error.log or self.engine.log_tail())

    async def _settled(self, point: RawPoint) -> None:
        """Requests that failed may be the first sign that the engine died."""
        failed = any(sample.outcome == "failed" for sample in point.samples)
        if failed and not await asyncio.to_thread(self._survives):
            raise self._gone()

    def _survives(self) -> bool:
        """A broken connection is seen a moment before the end of the process is."""
        return all(self.engine.alive() for _ in _moments(0.5))

    def _live(self, phase: str, step: Step, tally: Tally | None) -> None:
        points = steps(self.plan)
        if phase == "warming-up" or tally is None:
            self.courier.tell("warming-up", "Warming up", points=points, fraction=WARMING_UP)
            return
        rate = tally.live_tok_s
        self.courier.tell_live(
            "measuring",
            step.words,
            point=step.index + 1,
            points=points,
            clients=step.clients,
            tok_s=None if rate is None else round(rate, 1),
            fraction=round(_BEGIN + _SPAN * (step.index + _share(tally)) / points, 3),
        )


def _share(tally: Tally) -> float:
    return min(1.0, tally.elapsed_s / tally.box_s) if tally.box_s else 0.0


def _moments(for_s: float) -> Iterator[None]:
    end = monotonic() + for_s
    while monotonic() < end:
        yield
        sleep(0.05)

"""Open loop: requests go out when they are due, whether or not earlier ones were answered.

Arrivals are a Poisson process drawn from the seed before the first is sent. Latency counts from
when a request was due, so that a client which falls behind hides nothing (no coordinated
omission); how late it really went out is kept beside it.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from time import perf_counter

from benchruns.host.document import Sample
from benchruns.host.load.closed_loop import Sender, Tally

RAMP = 0.1  # of the time a rate is offered: the engine fills up, nothing counts yet
MOST_IN_FLIGHT = 900  # a process may have 1024 files open where nobody raised the limit


def arrivals(rate_per_s: float, for_s: float, seed: str) -> list[float]:
    """Seconds at which requests are due, in order."""
    draw, due, found = random.Random(seed), 0.0, list[float]()  # noqa: S311 - reproducible
    while (due := due + draw.expovariate(rate_per_s)) < for_s:
        found.append(due)
    return found


@dataclass(slots=True)
class OpenLoop:
    """`drain_s`: how long answers are waited for after the last request was due."""

    sender: Sender
    rate_per_s: float
    for_s: float
    drain_s: float
    in_flight: list[tuple[float, int]] = field(default_factory=list)
    _open: dict[asyncio.Task[Sample], float] = field(default_factory=dict)
    _faults: list[BaseException] = field(default_factory=list)

    async def run(self, tally: Tally) -> None:
        seed = f"{self.sender.prompts.seed}/open/{self.rate_per_s}"
        try:
            for number, due in enumerate(arrivals(self.rate_per_s, self.for_s, seed)):
                await _until(tally.zero + due)
                self._begin(tally, number, due)
            if self._open:
                await asyncio.wait(self._open, timeout=self.drain_s)
        finally:
            self._give_up(tally)
        if self._faults:
            raise self._faults[0]

    def _begin(self, tally: Tally, number: int, due: float) -> None:
        self.in_flight.append((round(due, 6), tally.in_flight))
        if len(self._open) >= MOST_IN_FLIGHT:
            why = f"not sent: {MOST_IN_FLIGHT} requests were waiting, more this client cannot hold"
            tally.samples.append(_unanswered(due, "failed", why))
            return
        task = asyncio.ensure_future(self.sender.send(tally, number, 0, tally.zero + due))
        self._open[task] = due
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Sample]) -> None:
        self._open.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._faults.append(error)  # of this program: `ask` raises for no engine

    def _give_up(self, tally: Tally) -> None:
        """Whoever was not answered by now was kept waiting, and counts as that."""
        for task, due in list(self._open.items()):
            task.cancel()
            why = f"no answer {self.drain_s:.0f} s after the last request was due"
            tally.samples.append(_unanswered(due, "timeout", why))


def _unanswered(due: float, outcome: str, why: str) -> Sample:
    return Sample.model_validate(
        {
            "start_s": due,
            "scheduled_s": due,
            "first_token_s": None,
            "end_s": None,
            "outcome": outcome,
            "error": why,
        }
    )


async def _until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - perf_counter()))

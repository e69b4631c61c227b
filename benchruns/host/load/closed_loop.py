"""Closed loop: each client sends its next request when its last one is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from benchruns.host.document import Sample
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target, ask
from benchruns.host.load.wire import Handling

GoOn = Callable[[list[Sample], float], bool]
"""Given the finished samples and the seconds since the point began: one more request?"""


@dataclass(slots=True)
class Tally:
    """What a point has seen so far; read by whoever shows live progress."""

    zero: float = field(default_factory=perf_counter)
    samples: list[Sample] = field(default_factory=list)
    box_s: float = 0.0  # how long the point may take
    texts: int = 0  # events: good enough to show, never to report
    in_flight: int = 0
    handling: Handling = field(default_factory=Handling)

    def saw_text(self, chunks: int) -> None:
        self.texts += chunks

    @property
    def elapsed_s(self) -> float:
        return perf_counter() - self.zero

    @property
    def live_tok_s(self) -> float | None:
        return self.texts / self.elapsed_s if self.texts else None


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one request of a point and puts down what came of it."""

    target: Target
    prompts: Prompts
    point: int | str

    async def send(
        self, tally: Tally, client: int, request: int, due: float | None = None
    ) -> Sample:
        """Of a closed loop the sample says which client it was of: `due` is None there."""
        prompt = self.prompts.prompt(self.point, client, request)
        tally.in_flight += 1
        try:
            sample = await ask(
                self.target,
                prompt,
                zero=tally.zero,
                wanted=self.prompts.wanted(self.point, client, request),
                due=due,
                on_text=tally.saw_text,
                handling=tally.handling,
            )
        finally:
            tally.in_flight -= 1
        if due is None:
            sample = sample.model_copy(update={"client": client})
        tally.samples.append(sample)
        return sample


@dataclass(slots=True)
class ClosedLoop:
    """`clients` at once, joining one after the other over `ramp_s`, as long as `go_on` says so.

    Its first no is for all: were it asked on, some would leave and the others go on as fewer.
    """

    sender: Sender
    clients: int
    go_on: GoOn
    ramp_s: float = 0.0
    _enough: bool = field(default=False, init=False)

    async def run(self, tally: Tally) -> None:
        """Every client sends at least one request; all that were sent are waited for.

        While clients are still joining, each keeps sending: the load is full when the last joins.
        """
        async with asyncio.TaskGroup() as group:
            for client in range(self.clients):
                group.create_task(self._client(client, tally))

    async def _client(self, client: int, tally: Tally) -> None:
        await asyncio.sleep(self.ramp_s * client / self.clients)
        request = 0
        while request == 0 or self._more(tally):
            await self.sender.send(tally, client, request)
            request += 1

    def _more(self, tally: Tally) -> bool:
        if tally.elapsed_s < self.ramp_s:
            return True
        self._enough = self._enough or not self.go_on(tally.samples, tally.elapsed_s)
        return not self._enough

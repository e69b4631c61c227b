"""Closed loop: each client sends its next request when its last one is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import aiohttp

from benchruns.host.document import Sample
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target, ask

GoOn = Callable[[list[Sample], float], bool]
"""Given the finished samples and the seconds since the point began: one more request?"""


@dataclass(slots=True)
class Tally:
    """What a point has seen so far; read by whoever shows live progress."""

    zero: float = field(default_factory=perf_counter)
    samples: list[Sample] = field(default_factory=list)
    box_s: float = 0.0  # how long the point may take
    texts: int = 0  # chunks with text: good enough to show, never to report

    def saw_text(self) -> None:
        self.texts += 1

    @property
    def elapsed_s(self) -> float:
        return perf_counter() - self.zero

    @property
    def live_tok_s(self) -> float | None:
        return self.texts / self.elapsed_s if self.texts else None


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """`clients` at once against `target`, as long as `go_on` says so."""

    target: Target
    prompts: Prompts
    point: int | str
    clients: int
    go_on: GoOn

    async def run(self, http: aiohttp.ClientSession, tally: Tally) -> None:
        """Every client sends at least one request; all that were sent are waited for."""
        async with asyncio.TaskGroup() as group:
            for client in range(self.clients):
                group.create_task(self._client(http, client, tally))

    async def _client(self, http: aiohttp.ClientSession, client: int, tally: Tally) -> None:
        request = 0
        while request == 0 or self.go_on(tally.samples, tally.elapsed_s):
            prompt = self.prompts.prompt(self.point, client, request)
            sample = await ask(http, self.target, prompt, zero=tally.zero, on_text=tally.saw_text)
            tally.samples.append(sample)
            request += 1

"""What a mock engine does: the truth that an instrument is to recover."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from typing import Literal

Jitter = Literal["normal", "lognormal", "uniform"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """TTFT counts from the moment a slot is free; ITL is between tokens."""

    ttft_ms: float = 50.0
    itl_ms: float = 10.0
    slots: int = 4
    jitter: float = 0.0  # standard deviation of every wait, as a share of it
    jitter_kind: Jitter = "normal"
    tokens_per_chunk: int = 1  # as speculative decoding does
    usage: bool = True  # whether it counts tokens when asked to
    role_first: bool = False  # a first chunk without text, as chat servers send
    cached_tokens: int = 0
    stop_after: int | None = None  # tokens after which it ends an answer early
    fail_every: int = 0  # each n-th request is answered with 500; 0: none
    fail_share: float = 0.0  # such a share of requests, by chance
    cut_every: int = 0  # each n-th stream breaks off in the middle; 0: none
    keeps_alive: bool = False  # whether a connection outlives a stream
    hangs_up: bool = False  # announces keep-alive and closes all the same, as llama-server does
    strict: bool = False  # refuses request fields that OpenAI's API does not have
    chat_only: bool = False
    seed: int = 1

    def chance(self, number: int) -> Random:
        """Of the `number`-th request."""
        return Random(self.seed * 1_000_003 + number)  # noqa: S311 - reproducible on purpose

    def wait_s(self, wait_ms: float, chance: Random) -> float:
        return max(0.0, wait_ms * self._factor(chance)) / 1000

    def _factor(self, chance: Random) -> float:
        """Around 1 on average, with `jitter` as its standard deviation, whatever the kind."""
        if not self.jitter:
            return 1.0
        if self.jitter_kind == "uniform":
            return 1 + self.jitter * sqrt(3) * chance.uniform(-1, 1)
        if self.jitter_kind == "lognormal":
            variance = log(1 + self.jitter**2)
            return exp(chance.gauss(-variance / 2, sqrt(variance)))
        return 1 + self.jitter * chance.gauss(0, 1)

    def fails(self, number: int) -> bool:
        unlucky = bool(self.fail_share) and self.chance(-number).random() < self.fail_share
        return each(self.fail_every, number) or unlucky


def each(every: int, number: int) -> bool:
    return bool(every) and number % every == 0

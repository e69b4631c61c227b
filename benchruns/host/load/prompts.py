"""Prompts that no cache has seen: each request of each point begins with words of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from benchruns.host.lengths import Lengths
from benchruns.host.synthetic.tokenizer import word

WARM_UP = "warm-up"
_WORDS = 400  # few enough to be in every vocabulary, and 400³ beginnings differ


@dataclass(frozen=True, slots=True)
class Prompts:
    """`words` makes about the wanted number of tokens; how many is learnt in the warm-up.

    With `lengths` (in tokens) each request has a length of its own; `words` is then that of the
    typical one.
    """

    seed: int
    words: int
    pool: int = _WORDS
    lengths: Lengths | None = None
    output_lengths: Lengths | None = None

    def prompt(self, point: int | str, client: int, request: int) -> str:
        """The same text for the same place in the plan, another one anywhere else."""
        draw = self._draw(point, client, request)
        many = self.words
        if self.lengths is not None:
            many = max(1, round(self.lengths.draw(draw) * self.words / self.lengths.typical))
        return "".join(draw.choices(_pool(self.pool), k=many))

    def wanted(self, point: int | str, client: int, request: int) -> int | None:
        """Tokens to ask for at this place; None: what the plan says."""
        if self.output_lengths is None:
            return None
        return self.output_lengths.draw(self._draw(point, client, request, "out"))

    def _draw(self, *place: int | str) -> random.Random:
        at = "/".join(map(str, (self.seed, *place)))
        return random.Random(at)  # noqa: S311 - reproducible on purpose


@cache
def _pool(size: int) -> list[str]:
    return [f" {word(number)}" for number in range(size)]


def words_for(wanted_tokens: int, words_sent: int, tokens_seen: int | None) -> int:
    """How many words make `wanted_tokens`, given what the engine counted for `words_sent`."""
    if not tokens_seen:
        return wanted_tokens
    return max(1, round(wanted_tokens * words_sent / tokens_seen))

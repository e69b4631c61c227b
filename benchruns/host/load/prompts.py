"""Prompts that no cache has seen: each request of each point begins with words of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchruns.host.synthetic.tokenizer import word

WARM_UP = "warm-up"
_WORDS = 400  # few enough to be in every vocabulary, and 400³ beginnings differ


@dataclass(frozen=True, slots=True)
class Prompts:
    """`words` makes about the wanted number of tokens; how many is learnt in the warm-up."""

    seed: int
    words: int
    pool: int = _WORDS

    def prompt(self, point: int | str, client: int, request: int) -> str:
        """The same text for the same place in the plan, another one anywhere else."""
        place = f"{self.seed}/{point}/{client}/{request}"
        draw = random.Random(place)  # noqa: S311 - reproducible on purpose
        return "".join(f" {word(draw.randrange(self.pool))}" for _ in range(self.words))


def words_for(wanted_tokens: int, words_sent: int, tokens_seen: int | None) -> int:
    """How many words make `wanted_tokens`, given what the engine counted for `words_sent`."""
    if not tokens_seen:
        return wanted_tokens
    return max(1, round(wanted_tokens * words_sent / tokens_seen))

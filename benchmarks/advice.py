"""Hardware advice: what one costs that nobody has asked for before."""

from __future__ import annotations

import random

from benchmarks.timing import Timing, time_each
from recommender.advice.advise import advise
from recommender.answers import Answers, parse

SEED = 20261121
CASES = 60
MODELS = ("qwen3-8b", "llama-3.3-70b", "gpt-oss-20b", "llama-3.1-405b", "llama-3.2-3b")


def run() -> list[Timing]:
    return [time_each("hardware advice, cold", advise, _cases(), budget_ms=150.0)]


def _cases() -> list[Answers]:
    """Each with a length of conversation of its own: nothing of it was remembered before."""
    chance = random.Random(SEED)  # noqa: S311 - the same cases in every run
    return [_case(chance, n) for n in range(CASES)]


def _case(chance: random.Random, n: int) -> Answers:
    said = [
        ("hardware", "none-yet"),
        ("model", chance.choice(MODELS)),
        ("users", str(chance.choice((1, 4, 12, 50, 200)))),
        ("context", str(2048 + 16 * n)),
        ("tokens_per_user", chance.choice(("", "8", "25"))),
        ("ttft_ms", chance.choice(("", "500", "2000"))),
    ]
    return parse([(question, value) for question, value in said if value])

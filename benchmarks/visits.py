"""Visitors on their way through the questionnaire: the states that are really asked about."""

from __future__ import annotations

import random
from collections.abc import Callable

from recommender.answers import Answers, parse
from recommender.questionnaire import QuestionRow, questions, rows
from recommender.recommendation import Recommendation

SEED = 20261121
GOES_ON = 0.7
"""How likely a visitor answers one more question once nothing is left that decides."""

DOUBLINGS = 8
FEW = 64


def walk(visitors: int, ask: Callable[[Answers], Recommendation]) -> None:
    """That many visitors, `ask` after each of their steps. Each answers what the guide asks next,
    an option as often as the guide expects it, and then some of what is left on the page."""
    chance = random.Random(SEED)  # noqa: S311 - the same visitors in every run
    for _ in range(visitors):
        _visit(chance, ask)


def _visit(chance: random.Random, ask: Callable[[Answers], Recommendation]) -> None:
    said: dict[str, str] = {}
    question: str | None = ""
    while question is not None:
        told = ask(parse(said.items()))
        question = told.next_question or _another(chance, said)
        if question is not None:
            said[question] = some_value(chance, rows()[question])


def _another(chance: random.Random, said: dict[str, str]) -> str | None:
    left = [question for question in rows() if question not in said]
    return chance.choice(left) if left and chance.random() < GOES_ON else None


def some_value(chance: random.Random, row: QuestionRow) -> str:
    """An option as often as it is expected, a number that people have."""
    expected = [option.weight for option in row.option]
    if sum(expected):
        return chance.choices(row.option, expected)[0].value
    if row.options_from:
        named = next(question for question in questions() if question.id == row.id)
        return chance.choice(named.options).value
    low = max(1, int(row.minimum or 1))
    if low > FEW:
        return str(low * 2 ** chance.randint(0, DOUBLINGS))
    return str(chance.randint(low, FEW))

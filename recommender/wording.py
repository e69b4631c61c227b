"""Parts of sentences: lists, numbers, names of questions."""

from __future__ import annotations

from collections.abc import Iterable

from recommender import questionnaire

QUESTION_OF = {"gpu_class": "device"}
"""The question that tells a fact, where it has another name."""


def phrase(names: Iterable[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    listed = list(names)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {word} {listed[-1]}"


def nouns(facts: Iterable[str]) -> list[str]:
    """What the questions of these facts ask for, once each."""
    rows = questionnaire.rows()
    return list(dict.fromkeys(rows[QUESTION_OF.get(fact, fact)].noun for fact in facts))


def number(value: float) -> str:
    """Three digits that mean something, never an exponent: 0.77, 12.3, 1,240."""
    return f"{value:.3g}" if 0.001 <= abs(value) < 100 else f"{value:,.0f}"


def counted(number: int, noun: str) -> str:
    """ "1 request", "1,000 requests"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

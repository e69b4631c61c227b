"""The shape of a question. Their words and options are data (`data/questions.toml`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    CHOICE = "choice"  # one of `options`
    SEVERAL = "several"  # any of `options`, the answer id repeats in the query string
    NUMBER = "number"  # an integer or decimal between `minimum` and `maximum`


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    help: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is the name in the query string. Suggested numbers are `options` of a NUMBER."""

    id: str
    text: str
    help: str
    kind: Kind
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    stage: str = "quick"  # quick: the 30-second path, three of them; thorough: after it

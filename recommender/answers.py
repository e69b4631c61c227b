"""Answers: what a query string says, checked and in one canonical form.

Absent means "not known yet". An empty value, as an untouched form field sends it, is absent too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import urlencode

from recommender import questionnaire
from recommender.questionnaire import QuestionRow
from recommender.questions import Kind, Question
from recommender.wording import phrase

NOTHING = "none"
"""`needs=none`: asked, and nothing special. Without it the needs are not known yet."""


class AnswerError(ValueError):
    """An answer that cannot be used. Its text says which, and what is allowed."""

    def __init__(self, sentence: str, *, question: str, given: str) -> None:
        super().__init__(sentence)
        self.question = question
        self.given = given


@dataclass(frozen=True, slots=True)
class Answers(Mapping[str, "str | tuple[str, ...]"]):
    """Immutable. `answers["users"]` is text; `answers["needs"]` a tuple, () for nothing special."""

    given: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __getitem__(self, question: str) -> str | tuple[str, ...]:
        values = dict(self.given)[question]
        return values if _row(question).kind is Kind.SEVERAL else values[0]

    def __iter__(self) -> Iterator[str]:
        return (question for question, _ in self.given)

    def __len__(self) -> int:
        return len(self.given)

    def text(self, question: str) -> str | None:
        """The answer of a question that has one value; None when it is not known."""
        values = dict(self.given).get(question)
        return values[0] if values else None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """As a query string has them, in the order of the questions."""
        return tuple((q, value) for q, values in self.given for value in values or (NOTHING,))

    def urlencode(self) -> str:
        return urlencode(self.pairs())

    def replaced(self, *pairs: tuple[str, str]) -> Answers:
        """With these answers instead of what was said of the same questions.

        Raises:
            AnswerError: one of the new answers is none that its question allows.
        """
        gone, new = _changed(pairs)
        said = {**dict(self.without(*gone).given), **new}
        return Answers(tuple((q, said[q]) for q in questionnaire.rows() if q in said))

    def without(self, *questions: str) -> Answers:
        return Answers(tuple(pair for pair in self.given if pair[0] not in questions))


def questions() -> tuple[Question, ...]:
    """All questions, in the order of the page."""
    return questionnaire.questions()


def parse(pairs: Iterable[tuple[str, str]]) -> Answers:
    """Answers from the pairs of a query string.

    Raises:
        AnswerError: an unknown question, or a value that it does not allow.
    """
    said: dict[str, list[str]] = {}
    for question, value in pairs:
        row = _row(question)
        if value.strip():
            said.setdefault(question, []).append(_value(row, value.strip()))
    order = [q for q in questionnaire.rows() if q in said]
    return Answers(tuple((q, _several(q, said[q])) for q in order))


@lru_cache(maxsize=4096)
def _changed(
    pairs: tuple[tuple[str, str], ...],
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """The questions that are named, and what those that are not emptied are answered with now."""
    return tuple(dict.fromkeys(question for question, _ in pairs)), dict(parse(pairs).given)


def _row(question: str) -> QuestionRow:
    rows = questionnaire.rows()
    if question not in rows:
        known = f"The questions are: {phrase(rows)}."
        sentence = f"There is no question {question!r}.{_guess(question, rows)} {known}"
        raise AnswerError(sentence, question=question, given="")
    return rows[question]


def _several(question: str, values: list[str]) -> tuple[str, ...]:
    """Once each, in the order of the options."""
    different = set(values)
    if _row(question).kind is not Kind.SEVERAL:
        if len(different) > 1:
            sentence = f"{question} is answered twice, with {phrase(values)}; it takes one answer."
            raise AnswerError(sentence, question=question, given=values[-1])
        return (values[0],)
    if NOTHING in different and len(different) > 1:
        rest = phrase(sorted(different - {NOTHING}))
        sentence = f"{question} says {NOTHING!r} and {rest}; choose one or the other."
        raise AnswerError(sentence, question=question, given=NOTHING)
    return tuple(option.value for option in _row(question).option if option.value in different)


def _value(row: QuestionRow, value: str) -> str:
    if row.kind is Kind.NUMBER:
        return _number(row, value)
    if row.kind is Kind.SEVERAL and value == NOTHING:
        return value
    found = questionnaire.find(row, value)
    if found is None:
        raise AnswerError(_not_allowed(row, value), question=row.id, given=value)
    return found


def _not_allowed(row: QuestionRow, value: str) -> str:
    wrong = questionnaire.own(row, value)
    if wrong:
        return f"{row.id}: {wrong}"
    values = list(questionnaire.allowed(row))
    if row.options_from:
        known = f"one of {len(values)} catalogue ids, such as {phrase(values[:8], 'or')}"
    else:
        values = [*values, *([NOTHING] if row.kind is Kind.SEVERAL else [])]
        known = f"one of: {phrase(values, 'or')}"
    return f"{row.id} does not know {value!r}.{_guess(value, values)} It takes {known}."


def _number(row: QuestionRow, value: str) -> str:
    number = _read(value)
    kind = "a whole number" if row.whole else "a number"
    if number is None or (row.whole and not number.is_integer()):
        sentence = f"{row.id} takes {kind} {_range(row)}, not {value!r}."
        raise AnswerError(sentence, question=row.id, given=value)
    if not (row.minimum or 0) <= number <= (row.maximum or number):
        sentence = f"{row.id} is {value}, but it takes {kind} {_range(row)}."
        raise AnswerError(sentence, question=row.id, given=value)
    return f"{number:.10g}" if number < 1e10 else str(int(number))


def _read(value: str) -> float | None:
    plain = value.isascii() and set(value) <= set("0123456789.") and value != "."
    return float(value) if plain and value.count(".") <= 1 and len(value) < 16 else None


def _range(row: QuestionRow) -> str:
    unit = f" ({row.unit})" if row.unit else ""
    return f"from {row.minimum:g} to {row.maximum:.10g}{unit}"


def _guess(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name.lower(), list(known), n=3, cutoff=0.6)
    return f" Did you mean {phrase(close, 'or')}?" if close else ""

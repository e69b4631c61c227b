"""Reads answers from a request; keeps what is right even when something beside it is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from guide import priced
from guide.priced import Priced
from recommender.answers import AnswerError, Answers, parse, questions

EXACT = "exact"  # the choice "another number", and the end of that number field's name
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """`answers` holds what was valid; `errors` says, by question id, what was not.

    The id "" stands for an error of no question in particular.
    """

    answers: Answers
    given: tuple[Pair, ...]
    errors: dict[str, str]
    priced: Priced = field(default_factory=Priced)

    @property
    def query(self) -> str:
        """Answers and prices that were right, as an address has them."""
        return urlencode([*self.answers.pairs(), *self.priced.pairs()])

    @property
    def sentences(self) -> str:
        return " ".join(self.errors.values())


def form_pairs(query: QueryDict) -> tuple[Pair, ...]:
    """The answers in a form's query string: without blanks, "another number" put in its place."""
    pairs = [(name, value.strip()) for name, values in query.lists() for value in values]
    chosen = {name for name, value in pairs if value and value != EXACT}
    return tuple(_named(pairs, chosen))


def _named(pairs: Iterable[Pair], chosen: set[str]) -> Iterable[Pair]:
    for name, value in pairs:
        if not value or value == EXACT:
            continue
        stem = name.removesuffix(f"_{EXACT}")
        if stem == name or stem not in chosen:
            yield stem, value


def is_canonical(query: QueryDict) -> bool:
    """False where a plain form has put blanks and number fields into the address."""
    return all(
        value.strip() and not name.endswith(f"_{EXACT}") and value != EXACT
        for name, values in query.lists()
        for value in values
    )


def read(query: QueryDict) -> Asked:
    answers, prices = priced.apart(form_pairs(query))
    return replace(read_pairs(answers), priced=priced.read(prices))


def read_pairs(pairs: tuple[Pair, ...]) -> Asked:
    try:
        return Asked(parse(pairs), pairs, {})
    except AnswerError as error:
        return _keep_what_is_right(pairs, error)


def _keep_what_is_right(pairs: tuple[Pair, ...], first: AnswerError) -> Asked:
    """Takes out one wrong answer after the other until the rest can be read."""
    good, error = list(pairs), first
    errors: dict[str, str] = {}
    while True:
        errors.setdefault(error.question, in_words(error))
        good = _without(good, error)
        try:
            return Asked(parse(good), pairs, errors)
        except AnswerError as next_error:
            error = next_error


def in_words(error: AnswerError) -> str:
    """For people, who read the question where the API has its id."""
    text = next((q.text for q in questions() if q.id == error.question), None)
    start = f"{error.question} "
    if text is None or not str(error).startswith(start):
        return str(error)
    return f"“{text}” {str(error).removeprefix(start)}"


def _without(pairs: list[Pair], error: AnswerError) -> list[Pair]:
    """Of several answers to one question only the wrong one goes, where the error names it."""
    rest = [pair for pair in pairs if pair != (error.question, error.given)]
    if len(rest) < len(pairs):
        return rest
    return [pair for pair in pairs if pair[0] != error.question]

"""What would flip the verdict: every single changed answer with another winner.

Found by looking each changed case up in the table, not written by hand. What nobody said is assumed
of the changed case as the verdict assumes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from recommender import domain, implied, questionnaire
from recommender.domain import Place
from recommender.facts import Facts
from recommender.recommendation import Flip
from recommender.rulebook import Rulebook
from recommender.table import Table

PEOPLE = ("purpose", "users")
_PEOPLE = slice(domain.AXES.index("purpose"), domain.AXES.index("users") + 1)


class _Change(NamedTuple):
    """Another answer to one question, and the case it would make."""

    question: str
    value: str
    label: str
    place: Place


def flips(
    book: Rulebook, table: Table, known: Facts, struck: frozenset[str], kept: frozenset[str]
) -> tuple[Flip, ...]:
    """Single changed answers with another winner; of several numbers only the nearest."""
    whole, _ = implied.complete(known, book)
    here = domain.place(whole)
    changes = [*_machines(book, known, here), *_people(book, known, here), *_others(here)]
    cells = table.cells([here, *(change.place for change in changes)])
    now, *stay = table.firsts(cells, struck)
    _, *move = table.firsts(cells, kept)
    found = [
        (change, elsewhere if change.question in domain.MACHINE else winner)
        for change, winner, elsewhere in zip(changes, stay, move, strict=True)
    ]
    flipped = [(change, winner) for change, winner in found if winner != now]
    flipped.sort(key=lambda flip: _order(flip[0].question))
    return tuple(_flip(c, winner, known) for c, winner in _nearest(flipped, whole) if winner)


@cache
def _order(question: str) -> int:
    """As on the page."""
    return list(questionnaire.rows()).index(question)


def _nearest(
    flips: list[tuple[_Change, str | None]], whole: Facts
) -> Iterator[tuple[_Change, str | None]]:
    """All changes, but of `users` only the closest band, up and down, for each winner."""
    taken: set[tuple[object, ...]] = set()
    users = whole.users or 1

    def distance(flip: tuple[_Change, str | None]) -> int:
        return abs(int(flip[0].value) - users) if flip[0].question == "users" else 0

    for change, winner in sorted(flips, key=distance):
        upward = change.question == "users" and int(change.value) > users
        key = (change.question, upward, winner, change.value if change.question != "users" else "")
        if key not in taken:
            taken.add(key)
            yield change, winner


def _machines(book: Rulebook, known: Facts, here: Place) -> Iterator[_Change]:
    """The same case on another machine."""
    for change, machine in _other_machines(book, domain.machine_facts(known), here[0]):
        yield _Change(*change[:3], (machine, *here[1:]))


@cache
def _other_machines(book: Rulebook, known: Facts, here: int) -> tuple[tuple[_Change, int], ...]:
    """Machines with one thing changed; what is assumed of a machine rests on nothing else."""
    found = []
    for change in _options("hardware", "os", "arch", "gpus"):
        if change.question == "gpus" and not domain.machines()[here].tells("gpus"):
            continue
        other = _with(known, change.question, change.value)
        if change.question == "hardware":
            other = replace(other, gpu_class=None)
            if "apple" in (change.value, known.hardware):
                other = replace(other, os=None, arch=None)
        machine = _machine(book, other)
        if machine != here:
            found.append((change, machine))
    return tuple(found)


@cache
def _machine(book: Rulebook, known: Facts) -> int:
    """The position of a machine of which this is known."""
    return domain.place(implied.settle(known, book))[0]


@cache
def _pair(book: Rulebook, known: Facts) -> Place:
    """The positions of PEOPLE of whom this is known."""
    return domain.place(implied.settle(known, book))[_PEOPLE]


def _people(book: Rulebook, known: Facts, here: Place) -> Iterator[_Change]:
    """Another purpose, or another number of people."""
    users = domain.band("users", known)
    for change, pair in _other_people(book, known.purpose, users):
        if pair != here[_PEOPLE]:
            yield _Change(*change[:3], (*here[: _PEOPLE.start], *pair, *here[_PEOPLE.stop :]))


@cache
def _other_people(
    book: Rulebook, purpose: str | None, users: int | None
) -> tuple[tuple[_Change, Place], ...]:
    """Positions of PEOPLE with one of them changed; what is assumed of one rests on the other."""
    known = Facts(purpose=purpose, users=users)
    changes = ((c, _with(known, c.question, c.value)) for c in _options(*PEOPLE))
    return tuple((change, _pair(book, other)) for change, other in changes)


def _others(here: Place) -> Iterator[_Change]:
    """Axes on which nothing else rests; a need is added or taken back."""
    for change in _options("privacy", "priority", "ops", "needs"):
        axis = domain.AXES.index(change.question)
        if change.question == "needs":
            position = here[axis] ^ 1 << domain.needs().index(change.value)
        else:
            position = domain.position(change.question, change.value)
        if position != here[axis]:
            yield _Change(*change[:3], (*here[:axis], position, *here[axis + 1 :]))


@cache
def _options(*questions: str) -> tuple[_Change, ...]:
    """What these questions could be answered with; of the needs those that decide something."""
    return tuple(
        _Change(question, option.value, option.label, ())
        for question in questions
        for option in questionnaire.rows()[question].option
        if question != "needs" or option.value in domain.needs()
    )


def _with(known: Facts, question: str, value: str) -> Facts:
    typed: dict[str, Any] = {question: int(value) if question in domain.CUTS else value}
    return replace(known, **typed)


def _flip(change: _Change, winner: str, known: Facts) -> Flip:
    if change.question == "needs":
        return _need_flip(change, winner, known)
    answers: tuple[tuple[str, str], ...] = ((change.question, change.value),)
    if change.question == "hardware":
        dropped = [q for q in ("device", "memory_gb", "gpus") if getattr(known, q) is not None]
        answers += tuple((question, "") for question in dropped)
    noun = questionnaire.rows()[change.question].noun
    return Flip(f"{change.label} ({noun})", answers, winner)


def _need_flip(change: _Change, winner: str, known: Facts) -> Flip:
    had = known.needs or frozenset()
    wanted = had ^ {change.value}
    answers = tuple(("needs", need) for need in sorted(wanted)) or (("needs", "none"),)
    without = "without " if change.value in had else ""
    return Flip(f"{without}{change.label} (special needs)", answers, winner)

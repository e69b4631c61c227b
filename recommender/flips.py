"""What would flip the verdict: every single changed answer with another winner.

Found by looking each changed case up in the table, not written by hand. What nobody said is assumed
of the changed case as the verdict assumes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from recommender import domain, implied, questionnaire
from recommender.domain import Place
from recommender.facts import Facts
from recommender.recommendation import Flip
from recommender.rulebook import Rulebook
from recommender.table import Table

PEOPLE = ("purpose", "users")
_PEOPLE = slice(domain.AXES.index("purpose"), domain.AXES.index("users") + 1)


@dataclass(frozen=True, slots=True)
class _Change:
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
    now = table.winner(domain.place(whole), struck)
    changes = list(_changes(book, known, whole))
    there = [c.question in domain.MACHINE for c in changes]
    stay = table.winners([c.place for c in changes], struck)
    move = table.winners([c.place for c in changes], kept)
    found = [m if machine else s for machine, s, m in zip(there, stay, move, strict=True)]
    flips = [(c, winner) for c, winner in zip(changes, found, strict=True) if winner != now]
    return tuple(_flip(c, winner, known) for c, winner in _nearest(flips, whole) if winner)


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


def _changes(book: Rulebook, known: Facts, whole: Facts) -> Iterator[_Change]:
    here = domain.place(whole)
    for question, row in questionnaire.rows().items():
        if question not in (*domain.MACHINE, *domain.AXES):
            continue
        for option in row.option:
            place = _elsewhere(book, known, here, question, option.value)
            if place is not None and place != here:
                yield _Change(question, option.value, option.label, place)


def _elsewhere(
    book: Rulebook, known: Facts, here: Place, question: str, value: str
) -> Place | None:
    """Where the case lies with another answer; None where the question means nothing there."""
    if question in domain.MACHINE:
        machine = _other_machine(book, domain.machine_facts(known), here[0], question, value)
        return None if machine is None else (machine, *here[1:])
    where = list(here)
    axis = domain.AXES.index(question)
    if question in PEOPLE:
        where[_PEOPLE] = _others(book, known.purpose, domain.band("users", known), question, value)
    elif question == "needs":
        if value not in domain.needs():
            return None
        where[axis] ^= 1 << domain.needs().index(value)
    else:
        where[axis] = domain.position(question, value)
    return tuple(where)


@cache
def _others(
    book: Rulebook, purpose: str | None, users: int | None, question: str, value: str
) -> Place:
    """Positions of PEOPLE with one of them changed: what is assumed of one rests on the other."""
    changed = _with(Facts(purpose=purpose, users=users), question, value)
    where = domain.place(implied.settle(changed, book))
    return where[_PEOPLE]


def _with(known: Facts, question: str, value: str) -> Facts:
    typed: dict[str, Any] = {question: int(value) if question in domain.CUTS else value}
    return replace(known, **typed)


@cache
def _other_machine(
    book: Rulebook, known: Facts, here: int, question: str, value: str
) -> int | None:
    """The same machine with one thing changed; what is assumed of it rests on nothing else."""
    if question == "gpus" and domain.machines()[here].hardware not in ("nvidia", "amd"):
        return None
    other = _with(known, question, value)
    if question == "hardware":
        other = replace(other, gpu_class=None)
    if question == "hardware" and "apple" in (value, known.hardware):
        other = replace(other, os=None, arch=None)
    return domain.place(implied.settle(other, book))[0]


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

"""What would flip the verdict: every single changed answer with another winner.

Found by looking each changed case up in the table, not written by hand. What nobody said is assumed
of the changed case as the verdict assumes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from recommender import domain, implied, questionnaire
from recommender.domain import Place
from recommender.facts import Facts
from recommender.folding import Ints
from recommender.recommendation import Flip
from recommender.rulebook import Rulebook
from recommender.table import Table

PEOPLE = ("purpose", "users")
NEEDS = domain.AXES.index("needs")
_PEOPLE = slice(domain.AXES.index("purpose"), domain.AXES.index("users") + 1)


class _Change(NamedTuple):
    """Another answer to one question."""

    question: str
    value: str
    label: str


class _Block(NamedTuple):
    """Changes of the same axes: `positions` has one row for each, and a column for each axis."""

    changes: tuple[_Change, ...]
    axes: slice
    positions: Ints


def flips(
    book: Rulebook, table: Table, known: Facts, struck: frozenset[str], kept: frozenset[str]
) -> tuple[Flip, ...]:
    """Single changed answers with another winner; of several numbers only the nearest."""
    whole, _ = implied.complete(known, book)
    here = domain.place(whole)
    machines = _machines(book, domain.machine_facts(known), here[0])
    people = _people(book, known.purpose, domain.band("users", known))
    blocks = (machines, people, *_alone(), _needs(here[NEEDS]))
    cells = table.folded.values(_places(here, blocks))
    winners = table.firsts(cells, struck)
    moved = 1 + len(machines.changes)  # what is struck here need not be struck on another machine
    winners[1:moved] = table.firsts(cells[1:moved], kept)
    changes = [change for block in blocks for change in block.changes]
    found = zip(changes, winners[1:], strict=True)
    flipped = [(change, winner) for change, winner in found if winner != winners[0]]
    flipped.sort(key=lambda flip: _order(flip[0].question))
    return tuple(_flip(c, winner, known) for c, winner in _nearest(flipped, whole) if winner)


def _places(here: Place, blocks: Sequence[_Block]) -> Ints:
    """Shape (1 + changes, axes): the case itself, then each changed one."""
    places = np.empty((1 + sum(len(b.changes) for b in blocks), len(here)), dtype=np.int64)
    places[:] = here
    row = 1
    for block in blocks:
        places[row : row + len(block.changes), block.axes] = block.positions
        row += len(block.changes)
    return places


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


@cache
def _machines(book: Rulebook, known: Facts, here: int) -> _Block:
    """Machines with one thing changed; what is assumed of a machine rests on nothing else."""
    tells = domain.machines()[here].tells
    changes = tuple(c for c in _options("hardware", "os", "arch", "gpus") if tells(c.question))
    others = [[_machine(book, _other_machine(known, change))] for change in changes]
    return _Block(changes, slice(0, 1), np.array(others, dtype=np.int64))


def _other_machine(known: Facts, change: _Change) -> Facts:
    """The class of GPU goes with the hardware, and with Apple's also system and architecture."""
    other = _with(known, change)
    if change.question == "hardware":
        other = other.but(gpu_class=None)
    return other.but(os=None, arch=None) if _moves_system(change, known) else other


def _moves_system(change: _Change, known: Facts) -> bool:
    return change.question == "hardware" and "apple" in (change.value, known.hardware)


@cache
def _machine(book: Rulebook, known: Facts) -> int:
    """The position of a machine of which this is known."""
    return domain.place(implied.settle(known, book))[0]


@cache
def _people(book: Rulebook, purpose: str | None, users: int | None) -> _Block:
    """Another purpose or number; what is assumed of one rests on the other."""
    known, changes = Facts(purpose=purpose, users=users), _options(*PEOPLE)
    pairs = [_pair(book, _with(known, change)) for change in changes]
    return _Block(changes, _PEOPLE, np.array(pairs, dtype=np.int64))


@cache
def _pair(book: Rulebook, known: Facts) -> Place:
    """The positions of PEOPLE of whom this is known."""
    return domain.place(implied.settle(known, book))[_PEOPLE]


@cache
def _alone() -> tuple[_Block, ...]:
    """Axes on which nothing else rests."""
    blocks = []
    for question in ("privacy", "priority", "ops"):
        changes, axis = _options(question), domain.AXES.index(question)
        where = [[domain.position(question, change.value)] for change in changes]
        blocks.append(_Block(changes, slice(axis, axis + 1), np.array(where, dtype=np.int64)))
    return tuple(blocks)


@cache
def _needs(here: int) -> _Block:
    """A need added, or taken back."""
    changes = _options("needs")
    others = [[here ^ 1 << domain.needs().index(change.value)] for change in changes]
    return _Block(changes, slice(NEEDS, NEEDS + 1), np.array(others, dtype=np.int64))


@cache
def _options(*questions: str) -> tuple[_Change, ...]:
    """What these questions could be answered with; of the needs those that decide something."""
    return tuple(
        _Change(question, option.value, option.label)
        for question in questions
        for option in questionnaire.rows()[question].option
        if question != "needs" or option.value in domain.needs()
    )


def _with(known: Facts, change: _Change) -> Facts:
    question, value = change.question, change.value
    typed: dict[str, Any] = {question: int(value) if question in domain.CUTS else value}
    return known.but(**typed)


def _flip(change: _Change, winner: str, known: Facts) -> Flip:
    if change.question == "needs":
        return _need_flip(change, winner, known)
    system = ("os", "arch") if _moves_system(change, known) else ()
    gone = ("device", "memory_gb", *system) if change.question == "hardware" else ()
    noun = questionnaire.rows()[change.question].noun
    answers = ((change.question, change.value), *((question, "") for question in gone))
    return Flip(f"{change.label} ({noun})", answers, winner)


def _need_flip(change: _Change, winner: str, known: Facts) -> Flip:
    had = known.needs or frozenset()
    wanted = had ^ {change.value}
    answers = tuple(("needs", need) for need in sorted(wanted)) or (("needs", "none"),)
    without = "without " if change.value in had else ""
    return Flip(f"{without}{change.label} (special needs)", answers, winner)

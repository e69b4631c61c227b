"""What the answers still missing can change: settled or not, the next question, what would flip it.

All of it is read from the table, under any strike-out. How often we expect an option orders the
questions; it never decides whether the verdict is settled (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from recommender import domain, implied, questionnaire
from recommender.domain import Place
from recommender.facts import Facts
from recommender.folding import Floats
from recommender.recommendation import Flip
from recommender.rulebook import Rulebook
from recommender.table import Table
from recommender.wording import QUESTION_OF

UNUSUAL = 0.01
"""How much rarer Linux is on Apple silicon than elsewhere; only orders questions."""

BITS = 1e-9  # doubts closer than this are equal
TINY = 1e-300
PEOPLE = ("purpose", "users")
_PEOPLE = slice(domain.AXES.index("purpose"), domain.AXES.index("users") + 1)


@dataclass(frozen=True, slots=True)
class Outlook:
    settled: bool
    next_question: str | None
    flips: tuple[Flip, ...]


@lru_cache(maxsize=4096)
def look(
    book: Rulebook, table: Table, known: Facts, struck: frozenset[str], kept: frozenset[str]
) -> Outlook:
    """`known`: the deciding facts so far. `kept`: what stays struck on another machine."""
    slices = table.slices([_weights(axis, known) for axis in domain.AXES], struck)
    settled = bool((slices[0].sum(axis=0) > 0).sum() == 1)
    question = None if settled else _next(known, slices)
    return Outlook(settled, question, _flips(book, table, known, struck, kept))


def _weights(axis: str, known: Facts) -> Floats:
    return np.where(domain.mask(axis, known), _prior(axis), 0.0)


@cache
def _prior(axis: str) -> Floats:
    """How often we expect each position of an axis; none is zero."""
    if axis == "machine":
        return np.array([_expected(machine) for machine in domain.machines()])
    if axis == "needs":
        rows = {o.value: o.weight / 1000 for o in questionnaire.rows()["needs"].option}
        return np.array([_subset(rows, value) for value in domain.values("needs")])
    return np.array([option.weight for option in questionnaire.rows()[axis].option], dtype=float)


def _subset(rows: dict[str, float], chosen: Any) -> float:
    parts = [rows[n] if n in chosen else 1 - rows[n] for n in domain.needs()]
    return float(np.prod(parts))


def _expected(machine: domain.Machine) -> float:
    said = {"hardware": machine.hardware, "os": machine.os, "arch": machine.arch}
    if machine.tells("gpus"):
        said["gpus"] = str(machine.gpus)
    result = 1.0
    for question, value in said.items():
        options = questionnaire.rows()[question].option
        result *= next(option.weight for option in options if option.value == value) / 1000
    if machine.tells("gpu_class"):
        result *= questionnaire.gpu_classes()[machine.gpu_class] / 1000
    return result * (UNUSUAL if (machine.hardware, machine.os) == ("apple", "linux") else 1)


def _next(known: Facts, slices: list[Floats]) -> str:
    """The open question that leaves the least doubt about the winner."""
    facts = list(_open(known))
    left = _doubts([_groups(fact, slices) for fact in facts])
    best = next(n for n, doubt in enumerate(left) if doubt <= left.min() + BITS)
    return QUESTION_OF.get(facts[best], facts[best])


def _open(known: Facts) -> Iterator[str]:
    """Deciding facts that are not known and make sense to ask, in the order of the page."""
    facts = {QUESTION_OF.get(fact, fact): fact for fact in (*domain.MACHINE, *domain.AXES[1:])}
    for question in questionnaire.rows():
        fact = facts.get(question)
        if fact is None or getattr(known, fact) is not None:
            continue
        if fact not in ("gpus", "gpu_class") or _tells(known, fact):
            yield fact


def _tells(known: Facts, fact: str) -> bool:
    machines = (m for m in domain.machines() if m.hardware == known.hardware)
    return any(machine.tells(fact) for machine in machines)


def _groups(fact: str, slices: list[Floats]) -> Floats:
    """Shape (values of the fact, outcomes): the weight of each winner under each answer."""
    if fact in domain.MACHINE:
        return _sorting(fact) @ slices[0]
    return slices[domain.AXES.index(fact)]


@cache
def _sorting(fact: str) -> Floats:
    """Shape (values, machines): 1 where a machine has that value."""
    has = [getattr(machine, fact) for machine in domain.machines()]
    return np.array([[float(one == value) for one in has] for value in dict.fromkeys(has)])


def _doubts(groups: list[Floats]) -> Floats:
    """For each question the expected entropy of the winner once answered, times a constant."""
    rows = np.concatenate(groups)
    shares = rows / np.maximum(rows.sum(axis=1, keepdims=True), TINY)
    bits = -(rows * np.log2(np.where(rows > 0, shares, 1.0))).sum(axis=1)
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    return np.asarray(np.add.reduceat(bits, starts), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Change:
    """Another answer to one question, and the case it would make."""

    question: str
    value: str
    label: str
    place: Place


def _flips(
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

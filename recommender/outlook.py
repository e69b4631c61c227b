"""What the answers still missing can change: settled or not, and the question to ask next.

All of it is read from the table, under any strike-out. How often we expect an option orders the
questions; it never decides whether the verdict is settled (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from recommender import domain, questionnaire
from recommender.facts import Facts
from recommender.flips import flips
from recommender.folding import Axis, Floats
from recommender.recommendation import Flip
from recommender.rulebook import Rulebook
from recommender.table import Table
from recommender.wording import QUESTION_OF

UNUSUAL = 0.01
"""How much rarer Linux is on Apple silicon than elsewhere; only orders questions."""

BITS = 1e-9  # doubts closer than this are equal
TINY = 1e-300


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
    slices = table.slices([_chances(axis, known) for axis in domain.AXES], struck)
    settled = bool((slices[0].sum(axis=0) > 0).sum() == 1)
    question = None if settled else _next(known, slices)
    return Outlook(settled, question, flips(book, table, known, struck, kept))


def _chances(axis: str, known: Facts) -> Axis:
    """What each position of an axis weighs while that is known."""
    if axis == "machine":
        return _machines(domain.machine_facts(known))
    return _weighed(axis, domain.band(axis, known) if axis in domain.CUTS else getattr(known, axis))


@cache
def _machines(known: Facts) -> Axis:
    return Axis.of(np.where(domain.mask("machine", known), _prior("machine"), 0.0))


@cache
def _weighed(axis: str, value: Any) -> Axis:
    return Axis.of(np.where(domain.mask(axis, Facts(**{axis: value})), _prior(axis), 0))


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

"""The whole guide as one table: a ranking of the seven engines for every combination of answers.

Built in about a second with NumPy, folded (`recommender.folding`), kept in memory and, where the
caller names a folder (`keep_in`), on disk under the rule book's hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import domain, house, opinions
from recommender.conditions import Atom
from recommender.folding import Axis, Floats, Folded, fold
from recommender.house import Decision
from recommender.rulebook import Rulebook, RulebookError
from recommender.schema import ENGINES

NOBODY = len(ENGINES)
"""The outcome "no engine is left"."""

_EACH = np.eye(NOBODY + 1)

FORMAT = 1
"""Of the file on disk; part of its name."""


@dataclass(frozen=True, eq=False)
class Table:
    """Every cell is `ranking * 8 + n`: one of 7! orders, of which the first n engines can run."""

    folded: Folded

    def winner(self, place: domain.Place, struck: frozenset[str] = frozenset()) -> str | None:
        """The first engine of one combination that is not struck out."""
        return name(_winners(_bits(struck))[self.folded.value(place)])

    def ranking(self, place: domain.Place) -> tuple[str, ...]:
        """The engines of one combination, best first, those that cannot run left out."""
        return ranking(self.folded.value(place))

    def winners(self, places: list[domain.Place], struck: frozenset[str]) -> list[str | None]:
        """The same for many combinations at once."""
        return self.firsts(self.cells(places), struck)

    def cells(self, places: list[domain.Place]) -> NDArray[np.uint16]:
        return self.folded.values(np.array(places, dtype=np.int64))

    def firsts(self, cells: NDArray[np.uint16], struck: frozenset[str]) -> list[str | None]:
        """For each cell the first engine that is not struck out."""
        return [name(winner) for winner in _winners(_bits(struck))[cells].tolist()]

    def slices(self, axes: Sequence[Axis], struck: frozenset[str]) -> list[Floats]:
        """For each axis, shape (positions, 8): the weight of each winner, the last of nobody."""
        winner = _winners(_bits(struck))[self.folded.leaves]
        return self.folded.slices(axes, _EACH[winner])

    def wins(self, struck: frozenset[str] = frozenset()) -> dict[str | None, int]:
        """In how many of all combinations each engine wins."""
        ones = [Axis.of(np.ones(len(domain.values(axis)))) for axis in domain.AXES]
        totals = self.slices(ones, struck)[0].sum(axis=0)
        return {name(n): int(total) for n, total in enumerate(totals)}


def name(outcome: int) -> str | None:
    return None if outcome == NOBODY else ENGINES[outcome]


_kept: list[Path] = []


def keep_in(folder: Path) -> None:
    """From now on tables are kept on disk there, so that the next process need not build them."""
    _kept[:] = [folder]


@cache
def load(book: Rulebook) -> Table:
    """The table of a rule book: from disk if it was built before, else built in about a second."""
    path = _kept[0] / f"table-{FORMAT}-{book.digest}.npz" if _kept else None
    if path is not None and path.is_file():
        return _read(path)
    table = build(book)
    if path is not None:
        _write(path, table)
    return table


def build(book: Rulebook) -> Table:
    """Evaluates every combination.

    Raises:
        RulebookError: a rule compares a number where the table has no cut.
    """
    check(book)
    return Table(fold(dense(book)))


def dense(book: Rulebook) -> NDArray[np.uint16]:
    """All cells, one dimension per axis. Machines that no rule tells apart are computed once."""
    atoms = sorted(_atoms(book), key=str)
    machine_atoms = [atom for atom in atoms if atom.fact in domain.MACHINE]
    shape = tuple(len(domain.values(axis)) for axis in domain.AXES[1:])
    seen: dict[tuple[bool, ...], NDArray[np.uint16]] = {}
    chunks = []
    for machine in domain.machines():
        signature = tuple(atom.holds(getattr(machine, atom.fact)) for atom in machine_atoms)
        if signature not in seen:
            seen[signature] = np.broadcast_to(_cells(book, domain.Chunk(machine)), shape)
        chunks.append(seen[signature])
    return np.stack(chunks)


def cell(decision: Decision) -> int:
    """What the table holds for a decision made one by one."""
    positions = [decision.ranking.index(engine) for engine in ENGINES]
    order = sum(
        sum(other < mine for other in positions[n + 1 :]) * factorial(len(ENGINES) - 1 - n)
        for n, mine in enumerate(positions)
    )
    return order * 8 + len(decision.possible())


def ranking(cell: int) -> tuple[str, ...]:
    """The engines of a cell, best first, those that cannot run left out."""
    return tuple(ENGINES[n] for n in _orders()[cell // 8][: cell % 8])


def check(book: Rulebook) -> None:
    """Every number a rule compares must be a cut, every need it reads a bit."""
    for atom in _atoms(book):
        odd_number = atom.fact in domain.CUTS and atom.number not in domain.CUTS[atom.fact]
        odd_need = atom.fact == "needs" and not atom.values <= set(domain.needs())
        if odd_number or odd_need or atom.fact not in (*domain.MACHINE, *domain.AXES):
            said = atom.number or ", ".join(sorted(atom.values))
            msg = f"a rule compares {atom.fact} with {said}, where the table has no cut"
            raise RulebookError(msg)


def _atoms(book: Rulebook) -> set[Atom]:
    """Everything that rules which decide compare."""
    conditions = [charge.when for charge in house.charges(book)]
    branches = [b for article in book.articles for b in opinions.branches(book, article)]
    conditions += [b.when for b in branches] + [b.unless for b in branches]
    return {atom for condition in conditions for atom in condition.atoms()}


def _cells(book: Rulebook, chunk: domain.Chunk) -> NDArray[np.uint16]:
    keys = house.keys(book, chunk)
    order: NDArray[np.int64] | int = 0
    for n, engine in enumerate(ENGINES[:-1]):
        before = sum((keys[other] < keys[engine]) * 1 for other in ENGINES[n + 1 :])
        order = order + before * factorial(len(ENGINES) - 1 - n)
    top = house.limit_radix(book)
    possible = sum((keys[engine] < top) * 1 for engine in ENGINES)
    return np.asarray(order * 8 + possible, dtype=np.uint16)


@cache
def _orders() -> NDArray[np.uint8]:
    """Shape (7!, 7): by Lehmer code of the positions, the engines best first."""
    positions = np.array(list(permutations(range(len(ENGINES)))), dtype=np.uint8)
    return np.argsort(positions, axis=1).astype(np.uint8)


@cache
def _winners(struck: int) -> NDArray[np.uint8]:
    """Shape (7! * 8,): who wins each cell when the engines of the bit set `struck` are out."""
    free = np.array([not struck >> n & 1 for n in range(len(ENGINES))])[_orders()]
    result = np.full((len(free), 8), NOBODY, dtype=np.uint8)
    for possible in range(1, 8):
        left = free[:, :possible]
        first = _orders()[np.arange(len(free)), left.argmax(axis=1)]
        result[:, possible] = np.where(left.any(axis=1), first, NOBODY)
    return result.ravel()


def _bits(struck: frozenset[str]) -> int:
    return sum(1 << ENGINES.index(engine) for engine in struck)


def _write(path: Path, table: Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    arrays: dict[str, Any] = {f"level{n}": x for n, x in enumerate(table.folded.children)}
    with partial.open("wb") as file:
        np.savez_compressed(file, leaves=table.folded.leaves, **arrays)
    partial.replace(path)


def _read(path: Path) -> Table:
    with np.load(path, allow_pickle=False) as file:
        levels = tuple(file[f"level{n}"] for n in range(len(domain.AXES)))
        return Table(Folded(levels, file["leaves"]))

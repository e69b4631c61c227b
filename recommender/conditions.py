"""Conditions of rules: a closed vocabulary over facts, three-valued.

In data a condition is a table. Its entries must all hold:

    { users = ">=10", hardware = ["nvidia", "amd"] }     a comparison; one of several values
    { needs = "metrics" }                                the set of needs contains it
    { any = [ … ] }  { all = [ … ] }  { not = { … } }    combinations
    { term = "load-10" }                                 a named condition of `terms.toml`
    { }                                                  always

A fact that is not known makes a condition None unless the rest decides it (Kleene's logic).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.facts import NAMES, Facts

Truth = bool | None
Grid = bool | NDArray[np.bool_]
"""A truth for each combination of a table, or one for all of them."""

NUMBERS = ("users", "gpus")
_COMPARISON = re.compile(r"(>=|<)(\d+)")


class Atoms(Protocol):
    """What a table must know: the truth of an atom for each of its combinations."""

    def atom(self, atom: Atom) -> Grid: ...


class Condition(Hashable, Protocol):
    def truth(self, facts: Facts) -> Truth: ...
    def over(self, table: Atoms) -> Grid: ...
    def atoms(self) -> Iterator[Atom]: ...


@dataclass(frozen=True, slots=True)
class Atom:
    """One fact compared. `op`: in (one of), has (a set contains one of), ge, lt."""

    fact: str
    op: Literal["in", "has", "ge", "lt"]
    values: frozenset[str]
    number: int = 0

    def truth(self, facts: Facts) -> Truth:
        value = getattr(facts, self.fact)
        return None if value is None else self.holds(value)

    def holds(self, value: Any) -> bool:
        """For a value that is known."""
        if self.op == "in":
            return value in self.values
        if self.op == "has":
            return not self.values.isdisjoint(value)
        return bool(value >= self.number) is (self.op == "ge")

    def over(self, table: Atoms) -> Grid:
        return table.atom(self)

    def atoms(self) -> Iterator[Atom]:
        yield self


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]

    def truth(self, facts: Facts) -> Truth:
        result: Truth = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            result = None if truth is None else result
        return result

    def over(self, table: Atoms) -> Grid:
        result: Grid = True
        for part in self.parts:
            result = part.over(table) & result
        return result

    def atoms(self) -> Iterator[Atom]:
        for part in self.parts:
            yield from part.atoms()


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Condition, ...]

    def truth(self, facts: Facts) -> Truth:
        result: Truth = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth is True:
                return True
            result = None if truth is None else result
        return result

    def over(self, table: Atoms) -> Grid:
        result: Grid = False
        for part in self.parts:
            result = part.over(table) | result
        return result

    def atoms(self) -> Iterator[Atom]:
        for part in self.parts:
            yield from part.atoms()


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def truth(self, facts: Facts) -> Truth:
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    def over(self, table: Atoms) -> Grid:
        return self.part.over(table) ^ True

    def atoms(self) -> Iterator[Atom]:
        yield from self.part.atoms()


ALWAYS = All(())


def parse(raw: object, terms: Mapping[str, Condition]) -> Condition:
    """A condition from its table in a data file.

    Raises:
        ValueError: the vocabulary does not have it; the sentence says what it has.
    """
    if not isinstance(raw, Mapping):
        msg = f'a condition is a table such as {{ users = ">=10" }}, not {raw!r}'
        raise ValueError(msg)
    parts = tuple(_entry(str(key), value, terms) for key, value in raw.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _entry(key: str, value: object, terms: Mapping[str, Condition]) -> Condition:
    if key in ("all", "any") and isinstance(value, list):
        parts = tuple(parse(part, terms) for part in value)
        return All(parts) if key == "all" else Either(parts)
    if key == "not":
        return Not(parse(value, terms))
    if key == "term":
        return _term(value, terms)
    return _atom(key, value)


def _term(name: object, terms: Mapping[str, Condition]) -> Condition:
    if name not in terms:
        msg = f"there is no term {name!r}; there are {', '.join(sorted(terms)) or 'none'}"
        raise ValueError(msg)
    return terms[str(name)]


def _atom(fact: str, value: object) -> Atom:
    if fact not in NAMES:
        known = ", ".join((*NAMES, "all", "any", "not", "term"))
        msg = f"there is no fact {fact!r}; a condition knows {known}"
        raise ValueError(msg)
    if fact in NUMBERS:
        return _comparison(fact, value)
    values = frozenset(value if isinstance(value, list) else [value])
    if not values or not all(isinstance(v, str) for v in values):
        msg = f"{fact} is compared with a word or a list of words, not {value!r}"
        raise ValueError(msg)
    return Atom(fact, "has" if fact == "needs" else "in", values)


def _comparison(fact: str, value: object) -> Atom:
    found = _COMPARISON.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        msg = f'{fact} is compared as ">=5" or "<5", not {value!r}'
        raise ValueError(msg)
    return Atom(fact, "ge" if found[1] == ">=" else "lt", frozenset(), int(found[2]))

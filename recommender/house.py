"""The house decision: the simplest engine that meets the need (docs/adr/0001).

Every limit, capacity and preference is a charge: under a condition, some engines pay a penalty in
one step. Engines are ranked by their sums, step by step. The same charges are summed for one case
(to explain it) and over whole arrays of cases (for the table).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from recommender import opinions
from recommender.conditions import ALWAYS, All, Atoms, Condition, Grid
from recommender.facts import Facts
from recommender.rulebook import Rulebook
from recommender.schema import ENGINES, Capacity, Engine

THRESHOLDS = (5, 10, 20, 50)
"""People at once: where what we count on from an engine may end. Named terms `load-5` …"""


@dataclass(frozen=True, slots=True)
class Charge:
    """`targets` pay `penalty` in `step` where `when` holds. `text` may say {engine}."""

    id: str
    step: str
    targets: tuple[str, ...]
    penalty: int
    when: Condition
    source: str
    text: str


@dataclass(frozen=True)
class Decision:
    """All engines, best first, with what each was charged."""

    ranking: tuple[str, ...]
    sums: Mapping[str, tuple[int, ...]]  # by engine: one number per step
    charged: Mapping[str, tuple[Charge, ...]]

    def charges(self, engine: str, step: str) -> tuple[Charge, ...]:
        return self._by_step.get((engine, step), ())

    @cached_property
    def _by_step(self) -> Mapping[tuple[str, str], tuple[Charge, ...]]:
        found: dict[tuple[str, str], tuple[Charge, ...]] = {}
        for engine, charges in self.charged.items():
            for charge in charges:
                place = engine, charge.step
                found[place] = (*found.get(place, ()), charge)
        return found

    @cached_property
    def _possible(self) -> tuple[str, ...]:
        return tuple(e for e in self.ranking if not self.charges(e, "limit"))

    def possible(self) -> tuple[str, ...]:
        """Engines that no hard limit rules out."""
        return self._possible


@cache
def charges(book: Rulebook) -> tuple[Charge, ...]:
    """Everything that the data charges, as one list."""
    limits = [Charge(x.id, "limit", (x.engine,), 1, x.when, x.source, x.text) for x in book.limits]
    rules = [
        Charge(x.id, x.step, x.targets, x.penalty, x.when, x.source, x.text) for x in book.penalties
    ]
    simple = [_weight(engine) for engine in book.engines.values() if engine.simplicity]
    return (*limits, *(c for x in book.capacities for c in _shortfall(book, x)), *rules, *simple)


def _weight(engine: Engine) -> Charge:
    """What it costs to operate."""
    name = f"house.simplicity.{engine.id}"
    cost = engine.simplicity
    return Charge(name, "simplicity", (engine.id,), cost, ALWAYS, engine.source, engine.summary)


def _shortfall(book: Rulebook, capacity: Capacity) -> list[Charge]:
    """One point for each threshold past what we count on."""
    return [
        Charge(
            capacity.id,
            "capacity",
            (capacity.engine,),
            1,
            All((capacity.when, book.terms[f"load-{threshold}"].when)),
            capacity.source,
            capacity.text,
        )
        for threshold in THRESHOLDS
        if threshold > capacity.up_to
    ]


@lru_cache(maxsize=8192)
def decide(book: Rulebook, whole: Facts) -> Decision:
    """The decision on one case. `whole` has no unknown among the deciding facts."""
    held = [(charge, True) for charge in charges(book) if charge.when.truth(whole)]
    sums = _sums(book, held, opinions.counted(book, whole))
    ranking = sorted(ENGINES, key=lambda engine: sums[engine])
    charged: dict[str, list[Charge]] = {engine: [] for engine in ENGINES}
    for charge, _ in held:
        for engine in charge.targets:
            charged[engine].append(charge)
    return Decision(
        tuple(ranking),
        {engine: tuple(sums[engine]) for engine in ENGINES},
        {engine: tuple(charged[engine]) for engine in ENGINES},
    )


def keys(book: Rulebook, table: Atoms) -> Mapping[str, Any]:
    """For each engine one number (or array of them): the smaller, the better. Never equal."""
    found = ((charge, charge.when.over(table)) for charge in charges(book))
    held = [(charge, holds) for charge, holds in found if holds is not False]
    sums, radices = _sums(book, held, opinions.votes(book, table)), _radices(book)
    result: dict[str, Any] = {}
    for engine in ENGINES:
        key: Any = 0
        for part, radix in zip(sums[engine], radices, strict=True):
            key = key * radix + part
        result[engine] = key
    return result


def _sums(
    book: Rulebook, held: Iterable[tuple[Charge, Grid]], votes: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """By engine, the sum of each step."""
    steps = _steps(book)
    sums: dict[str, list[Any]] = {engine: [0] * len(steps) for engine in ENGINES}
    for charge, holds in held:
        place = steps[charge.step]
        for engine in charge.targets:
            sums[engine][place] = sums[engine][place] + charge.penalty * holds
    for place, engine in enumerate(ENGINES):
        sums[engine][steps["articles"]] = len(book.articles) - votes[engine]
        sums[engine][steps["order"]] = place
    return sums


@cache
def _steps(book: Rulebook) -> Mapping[str, int]:
    return {step.id: n for n, step in enumerate(book.steps)}


@cache
def _radices(book: Rulebook) -> tuple[int, ...]:
    """For each step one more than the largest sum it can have."""
    most = {step.id: [0] * len(ENGINES) for step in book.steps}
    for charge in charges(book):
        for engine in charge.targets:
            most[charge.step][ENGINES.index(engine)] += charge.penalty
    most["articles"], most["order"] = [len(book.articles)], [len(ENGINES) - 1]
    return tuple(max(most[step.id]) + 1 for step in book.steps)


def limit_radix(book: Rulebook) -> int:
    """Keys below this belong to engines that no hard limit rules out."""
    result = 1
    for radix in _radices(book)[1:]:
        result *= radix
    return result


def parting(book: Rulebook, decision: Decision, better: str, other: str) -> str:
    """The step that ranks `better` before `other`."""
    pairs = zip(book.steps, decision.sums[better], decision.sums[other], strict=True)
    return next(step.id for step, a, b in pairs if a != b)

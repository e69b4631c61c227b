"""Hardware advice for a page: words, links to each machine's recipe, margins as small pictures."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from urllib.parse import urlencode

from recommender.advice import words
from recommender.advice.need import MACHINE
from recommender.advice.shape import Advice, Family, Machine, Margin
from recommender.recommendation import Recommendation

WIDTH = 240
SPAN = 8.0
"""Speeds are drawn from an eighth of what is wanted to eight times as much; what is wanted stands
in the middle, better is to the right."""


@dataclass(frozen=True, slots=True)
class MarginView:
    """`at` None: memory, `low` to `high` is what is taken of it. Else the middle of an interval."""

    text: str
    low: float
    high: float
    at: float | None
    sure: bool

    @property
    def width(self) -> float:
        return round(max(self.high - self.low, 1.0), 1)


@dataclass(frozen=True, slots=True)
class MachineView:
    title: str
    engine: str
    quant: str
    margins: tuple[MarginView, ...]
    query: str
    cost: str  # at the admin's prices, "" without any


@dataclass(frozen=True, slots=True)
class FamilyView:
    label: str
    smallest: MachineView
    sure: MachineView | None
    smaller: str


@dataclass(frozen=True, slots=True)
class AdviceView:
    wanted: str
    assumed: str
    found: tuple[FamilyView, ...]
    none: tuple[Family, ...]
    tried: int
    nothing_there: bool  # asked by somebody who has bought nothing yet


def machines(rec: Recommendation) -> AdviceView | None:
    advice = rec.machines
    if advice is None:
        return None
    return AdviceView(
        wanted=words.wanted(advice),
        assumed=" ".join(words.assumed(advice)),
        found=tuple(_family(rec, advice, f, f.smallest) for f in advice.families if f.smallest),
        none=tuple(f for f in advice.families if f.smallest is None),
        tried=advice.tried,
        nothing_there=("hardware", "none-yet") in rec.answers,
    )


def _family(rec: Recommendation, advice: Advice, family: Family, smallest: Machine) -> FamilyView:
    smaller = family.smaller
    return FamilyView(
        label=family.label,
        smallest=_machine(rec, advice, smallest),
        sure=_machine(rec, advice, family.sure) if family.sure else None,
        smaller=f"{words.title(smaller)}: {smaller.text}." if smaller else "",
    )


def _machine(rec: Recommendation, advice: Advice, machine: Machine) -> MachineView:
    return MachineView(
        title=words.title(machine),
        engine=machine.engine,
        quant=machine.quant,
        margins=tuple(_margin(margin) for margin in machine.margins),
        query=_query(rec, advice, machine),
        cost=words.money(machine.cost) if machine.cost else "",
    )


def _query(rec: Recommendation, advice: Advice, machine: Machine) -> str:
    """The same need with this machine in it."""
    kept = [pair for pair in rec.answers if pair[0] not in (*MACHINE, "model")]
    return urlencode([*kept, ("model", advice.model), *machine.answers])


def _margin(margin: Margin) -> MarginView:
    text = words.margin(margin)
    text = text[:1].upper() + text[1:]
    if margin.what == "memory":
        share = min(margin.value / margin.limit, 1.0)
        return MarginView(text, 0.0, round(WIDTH * share, 1), None, margin.sure)
    ends = [margin.low or margin.value, margin.high or margin.value]
    places = sorted(_x(margin, value) for value in ends)
    return MarginView(text, places[0], places[1], _x(margin, margin.value), margin.sure)


def _x(margin: Margin, value: float) -> float:
    """A speed wants to be high, a wait short: better is to the right."""
    ratio = margin.limit / value if margin.what == "first-token" else value / margin.limit
    inside = min(max(ratio, 1 / SPAN), SPAN)
    return round(WIDTH / 2 * (1 + log(inside) / log(SPAN)), 1)

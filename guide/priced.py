"""Reads prices from a request, apart from the answers: they decide nothing, and a wrong one loses
neither the answers nor the other prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.conf import settings

from recommender.cost import priced
from recommender.price_list import with_costs
from recommender.prices import BY_ID, NAMES, PriceError, Prices, parse
from recommender.recommendation import Recommendation

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Priced:
    """`given` is what was typed; `error` why `prices` is None although something was."""

    prices: Prices | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    error: PriceError | None = None

    def pairs(self) -> tuple[Pair, ...]:
        """For an address: as read where it could be, else nothing."""
        return self.prices.pairs() if self.prices else ()


def in_words(error: PriceError) -> str:
    """For people, who read the field's label where an address has its id."""
    label = BY_ID[error.field].label if error.field in BY_ID else "Currency"
    start = f"{error.field} "
    text = str(error)
    return f"“{label}” {text.removeprefix(start)}" if text.startswith(start) else text


def apart(pairs: Iterable[Pair]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The answers, and the prices."""
    listed = tuple(pairs)
    answers = tuple(pair for pair in listed if pair[0] not in NAMES)
    return answers, tuple(pair for pair in listed if pair[0] in NAMES)


def with_cost(rec: Recommendation, prices: Prices | None) -> Recommendation:
    """With the visitor's prices, else with those of the site's admin where there are any."""
    said = dict(rec.answers)
    listed = settings.PRICE_LIST.of(said.get("device"), int(said.get("gpus", "1")))
    if rec.machines:
        rec = replace(rec, machines=with_costs(rec.machines, settings.PRICE_LIST))
    return priced(rec, prices or listed)


def read(pairs: tuple[Pair, ...]) -> Priced:
    try:
        return Priced(parse(pairs), dict(pairs))
    except PriceError as error:
        return Priced(None, dict(pairs), error)

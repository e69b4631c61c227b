"""Reads prices from a request, apart from the answers: they decide nothing, and a wrong one loses
neither the answers nor the other prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recommender.prices import NAMES, PriceError, Prices, parse

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


def apart(pairs: Iterable[Pair]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The answers, and the prices."""
    listed = tuple(pairs)
    answers = tuple(pair for pair in listed if pair[0] not in NAMES)
    return answers, tuple(pair for pair in listed if pair[0] in NAMES)


def read(pairs: tuple[Pair, ...]) -> Priced:
    try:
        return Priced(parse(pairs), dict(pairs))
    except PriceError as error:
        return Priced(None, dict(pairs), error)

"""Quantities, engines and ranges in words."""

from __future__ import annotations

from recommender import rulebook
from recommender.ledger import arithmetic
from recommender.ledger.schema import (
    Deficit,
    FileSize,
    Latency,
    Minutes,
    Pair,
    Quantity,
    Ratio,
    Serial,
    Share,
    Speed,
    Users,
)

Range = tuple[float, float | None]


def engine(engine_id: str) -> str:
    return rulebook.load().engines[engine_id].name


def clients(count: int) -> str:
    return "one client" if count == 1 else f"{count} clients"


def said_range(quantity: Quantity) -> Range | None:
    """What a quantity says as "the faster one does so many times what the slower one does"."""
    if isinstance(quantity, Ratio):
        return quantity.low, quantity.high
    if isinstance(quantity, Pair):
        return quantity.ratio, quantity.ratio
    if isinstance(quantity, Deficit):
        least = 1.0 if quantity.either_way else arithmetic.ratio_of_deficit(quantity.low)
        return least, arithmetic.ratio_of_deficit(quantity.high)
    return None


def times(quantity: Ratio | Deficit | Pair) -> str:
    """ "3 to 5 times with 4 clients or more"."""
    said = said_range(quantity)
    assert said is not None
    low, high = said
    if high is None:
        return f"at least {low:g} times{_load(quantity.clients)}"
    size = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    return f"{size} times{_load(quantity.clients)}"


def _load(wanted: tuple[int, int | None]) -> str:
    low, high = wanted
    if high is None:
        return " under load"
    if low == high:
        return f" with {clients(low)}"
    return f" with {low} clients or more" if high >= 1000 else f" with {low} to {high} clients"


def part(quantity: Quantity) -> str:
    """One quantity of a claim, to tell it from the others."""
    if isinstance(quantity, Ratio):
        rate = " in requests/s" if quantity.measure == "requests_s" else ""
        return f"{times(quantity)}{rate}"
    if isinstance(quantity, Deficit | Pair):
        return times(quantity)
    return _single(quantity)


def _single(quantity: Quantity) -> str:
    if isinstance(quantity, Speed):
        return f"{quantity.value:g} tok/s with {engine(quantity.engine)}"
    if isinstance(quantity, Latency):
        most = "at most " if quantity.at_most else ""
        return (
            f"p{quantity.percentile} of {most}{quantity.seconds:g} s with {engine(quantity.engine)}"
        )
    if isinstance(quantity, Users):
        does = "carries" if quantity.does == "serves" else "breaks down with"
        return f"{engine(quantity.engine)} {does} {quantity.low} at once"
    if isinstance(quantity, Share):
        return f"{_percent(quantity)} {quantity.what}"
    return _other(quantity)


def _other(quantity: Quantity) -> str:
    if isinstance(quantity, FileSize):
        return f"{quantity.bits:g} bits a weight and {quantity.gb:g} GB"
    if isinstance(quantity, Minutes):
        return f"{quantity.minutes:g} minutes {quantity.what} {engine(quantity.engine)}"
    assert isinstance(quantity, Serial)
    return f"{engine(quantity.engine)} takes one request after the other"


def _percent(share: Share) -> str:
    high = f"{share.high * 100:.0f} %"
    if share.low == 0:
        return f"up to {high}"
    return (
        f"over {share.low * 100:.0f} %" if share.high == 1 else f"{share.low * 100:.0f} to {high}"
    )

"""How many times faster one engine was than another, under loads like the claim's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from recommender.ledger import calibration
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.load import Ledger
from recommender.ledger.published.seen import Seen, seen
from recommender.ledger.schema import Claim, Deficit, Pair, Point, PublishedRatio, Ratio
from recommender.ledger.words import engine, said_range

PEAK = 1000
"""An engine at its own peak is counted under a load of this many clients."""

MANY = 8
"""From so many clients on, the best figure of a curve is called its peak."""

SLACK = {Ratio: 0.05, Deficit: 0.02, Pair: 0.20}
"""How far a measured ratio may lie outside what is said (ADR 0008)."""

Compared = Ratio | Deficit | Pair


@dataclass(frozen=True, slots=True)
class Found:
    """A ratio with what rounding leaves open, and the conditions of the slower side."""

    value: float
    low: float
    high: float
    clients: int | None
    variant: str
    same_quant: bool
    text: str


def found(ledger: Ledger, claim: Claim, quantity: Compared) -> Iterator[Finding]:
    for one in seen(ledger, calibrated=not isinstance(quantity, Pair)):
        for ratio in _of(one, quantity):
            scope = one.scope(ratio.clients, ratio.variant, same=ratio.same_quant)
            finding = one.finding(_stance(ratio, quantity), ratio.text, scope, claim=claim.id)
            yield replace(finding, value=ratio.value, unit="×")


def _stance(ratio: Found, quantity: Compared) -> Stance:
    """Figures too coarse to tell decide nothing."""
    low, high = accepted(quantity)
    if ratio.high < low or (high is not None and ratio.low > high):
        return Stance.CONTRADICTS
    inside = ratio.low >= low and (high is None or ratio.high <= high)
    return Stance.SUPPORTS if inside else Stance.BEARS


def accepted(quantity: Compared) -> tuple[float, float | None]:
    """The ratios that count as what is said, slack included."""
    said = said_range(quantity)
    assert said is not None
    low, high = said
    if isinstance(quantity, Deficit) and quantity.either_way:
        low = 1 / (high or low)
    slack = SLACK[type(quantity)]
    return low * (1 - slack), None if high is None else high * (1 + slack)


def _of(one: Seen, quantity: Compared) -> Iterator[Found]:
    fast, slow = _roles(quantity)
    for given in one.one.ratios:
        asked = (given.engine, given.against, given.measure) == (fast, slow, quantity.measure)
        if asked and at_load(given.clients, quantity.clients):
            yield _given(given)
    for top, bottom in _pairs(one, fast, slow, quantity.measure):
        if at_load(top.clients, quantity.clients):
            yield _ratio(top, bottom, quantity.measure)


def _roles(quantity: Compared) -> tuple[str, str]:
    """Who is over whom: a deficit is read the other way round."""
    if isinstance(quantity, Deficit):
        return quantity.against, quantity.engine
    return quantity.engine, quantity.against


def at_load(clients: int | None, wanted: tuple[int, int | None]) -> bool:
    low, high = wanted
    if clients is None:
        return high is None or high >= PEAK
    return low <= clients and (high is None or clients <= high)


def _given(given: PublishedRatio) -> Found:
    rate = " in requests/s" if given.measure == "requests_s" else ""
    text = f"{engine(given.engine)} over {engine(given.against)}: {given.value:g} times{rate}"
    half = _half_step(given.value)
    low, high = given.value - half, given.value + half
    return Found(
        given.value, low, high, given.clients, given.against_variant, given.same_quant, text
    )


def _pairs(one: Seen, fast: str, slow: str, measure: str) -> Iterator[tuple[Point, Point]]:
    """Points of both engines at one load. Calibration rows must agree in precision as well, and
    are also compared at their peaks, as their authors chose different loads."""
    strict = one.one.source == "calibration"
    points = (*one.one.points, *(_peaks(one) if strict else ()))
    for top in (p for p in points if p.engine == fast and getattr(p, measure)):
        for bottom in (p for p in points if p.engine == slow and getattr(p, measure)):
            alike = not strict or same_quant(top, bottom)
            if top.clients == bottom.clients and alike:
                yield top, bottom


def _peaks(one: Seen) -> Iterator[Point]:
    best: dict[tuple[str, str], Point] = {}
    for point in one.one.points:
        key = (point.engine, point.quant)
        many = point.clients is not None and point.clients >= MANY
        if many and (point.total_tok_s or 0) > (best[key].total_tok_s or 0 if key in best else 0):
            best[key] = point.model_copy(update={"clients": None})
    yield from best.values()


def _ratio(top: Point, bottom: Point, measure: str) -> Found:
    one, other = float(getattr(top, measure)), float(getattr(bottom, measure))
    unit = "req/s" if measure == "requests_s" else "tok/s"
    text = (
        f"{engine(top.engine)} {one:g} {unit}, {engine(bottom.engine)} {other:g} {unit}: "
        f"{one / other:.3g} times"
    )
    return Found(
        one / other,
        (one - _half_step(one)) / (other + _half_step(other)),
        (one + _half_step(one)) / (other - _half_step(other)),
        top.clients,
        bottom.variant,
        same_quant(top, bottom),
        text,
    )


def _half_step(value: float) -> float:
    """Half of the last digit that was published: 0.5 of 41, 0.05 of 3.4."""
    digits = f"{value:g}"
    places = len(digits.split(".")[1]) if "." in digits else 0
    return 0.5 * 10.0**-places


def same_quant(one: Point, other: Point) -> bool:
    """The same name, or as many bits per weight within a fifth."""
    if one.quant == other.quant:
        return True
    first, second = calibration.bits_of(one.quant), calibration.bits_of(other.quant)
    return first is not None and second is not None and abs(first / second - 1) < 0.2

"""One engine over another on the same machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recommender.evidence import MeasuredPoint, Measurement
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.measured.held import at, finding_of, same_machine
from recommender.ledger.plans import Versus
from recommender.ledger.words import clients as count
from recommender.ledger.words import engine


def versus(wanted: Versus, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        for other in measurements:
            engines = (one.engine, other.engine) == (wanted.engine, wanted.against)
            variants = (one.variant, other.variant) == wanted.variants
            if engines and variants and same_machine(one) == same_machine(other):
                yield from _compared(wanted, one, other)


def _compared(wanted: Versus, one: Measurement, other: Measurement) -> Iterator[Finding]:
    for point in one.points:
        twin = at(other, point.clients)
        top, bottom = _rate(point, wanted.measure), _rate(twin, wanted.measure)
        if twin is None or not top or not bottom or not _in(point.clients, wanted.clients):
            continue
        ratio = top / bottom
        text = (
            f"{engine(one.engine)} {top:.0f} tok/s, {engine(other.engine)} {bottom:.0f} with "
            f"{count(point.clients)}: "
            f"{ratio:.2f} times"
        )
        stable = point.stable and twin.stable
        decided = Stance.SUPPORTS if _matches(ratio, wanted) else Stance.CONTRADICTS
        yield finding_of(
            replace(one, variant=other.variant),
            decided if stable else Stance.BEARS,
            text,
            point.clients,
            same=one.quant == other.quant,
            value=ratio,
            stable=stable,
        )


def _rate(point: MeasuredPoint | None, measure: str) -> float | None:
    if point is None:
        return None
    return point.total_tok_s if measure == "total_tok_s" else point.tok_s_per_user_p50


def _in(clients: int, wanted: tuple[int, int | None]) -> bool:
    return wanted[0] <= clients and (wanted[1] is None or clients <= wanted[1])


def _matches(ratio: float, wanted: Versus) -> bool:
    high = wanted.high
    above = ratio >= wanted.low * (1 - wanted.margin)
    return above and (high is None or ratio <= high * (1 + wanted.margin))

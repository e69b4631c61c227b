"""How engines took load in published tests: waiting, breaking down, growing; and compiling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recommender.ledger import arithmetic
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.load import Ledger
from recommender.ledger.published.seen import Seen, seen
from recommender.ledger.schema import Claim, Latency, Minutes, Point, Serial, Users
from recommender.ledger.words import clients as count
from recommender.ledger.words import engine

SAME_WAIT = 0.05
ANSWER_LIMIT_S = 10.0
"""Nobody calls it acceptable when the slowest twentieth waits longer for an answer (ADR 0008)."""

ALONE, TOGETHER = 1.15, 1.25
"""Growth below: more clients get no more done. Above: requests are worked on together."""

BUILD_MARGIN = 1.25


def latencies(ledger: Ledger, claim: Claim, wanted: Latency) -> Iterator[Finding]:
    for one in seen(ledger, calibrated=False):
        for point in one.one.points:
            seconds = point.p99_s if wanted.percentile == 99 else point.p95_s
            if seconds is None or (point.engine, point.clients) != (wanted.engine, wanted.clients):
                continue
            stance = Stance.SUPPORTS if _as_said(seconds, wanted) else Stance.CONTRADICTS
            text = f"{_who(point)}: p{wanted.percentile} of {seconds:g} s"
            scope = one.scope(point.clients, point.variant)
            finding = one.finding(stance, text, scope, claim=claim.id)
            yield replace(finding, value=seconds, unit="s")


def _as_said(seconds: float, wanted: Latency) -> bool:
    if wanted.at_most:
        return seconds <= wanted.seconds
    return abs(seconds / wanted.seconds - 1) <= SAME_WAIT


def users(ledger: Ledger, claim: Claim, wanted: Users) -> Iterator[Finding]:
    for one in seen(ledger, calibrated=False):
        for point in one.one.points:
            if point.engine != wanted.engine or not _speaks_of(point, wanted):
                continue
            judged = _fails(point, wanted) if wanted.does == "fails" else _serves(point)
            if judged is not None:
                scope = one.scope(point.clients, point.variant)
                yield one.finding(*judged, scope, claim=claim.id)


def _speaks_of(point: Point, wanted: Users) -> bool:
    """At least as many clients as the claim speaks of; for "carries so many" not far more."""
    most = max(2 * wanted.high, 50)
    return point.clients is not None and wanted.low <= point.clients <= most


def _who(point: Point) -> str:
    return f"{engine(point.engine)} with {count(point.clients or 1)}"


def _serves(point: Point) -> tuple[Stance, str] | None:
    if point.p95_s is not None:
        fine = point.p95_s <= ANSWER_LIMIT_S
        return (Stance.SUPPORTS if fine else Stance.CONTRADICTS), _waits(point)
    if point.served is False:
        return Stance.CONTRADICTS, f"{_who(point)} broke down"
    if point.total_tok_s is not None:
        return (
            Stance.BEARS,
            f"{_who(point)}: {point.total_tok_s:g} tok/s in all, waiting times not given",
        )
    return None


def _fails(point: Point, wanted: Users) -> tuple[Stance, str] | None:
    near = (point.clients or 0) <= 2 * wanted.high
    bad = Stance.SUPPORTS if near else Stance.BEARS
    if point.p95_s is not None:
        return (bad if point.p95_s > ANSWER_LIMIT_S else Stance.CONTRADICTS), _waits(point)
    if point.served is False:
        return bad, f"{_who(point)} broke down"
    return (
        (Stance.BEARS, f"{_who(point)} answered, waiting times not given") if point.served else None
    )


def _waits(point: Point) -> str:
    limit = f"the limit here is {ANSWER_LIMIT_S:g} s"
    return f"{_who(point)}: p95 of {point.p95_s:g} s for an answer; {limit}"


def scaling(ledger: Ledger, wanted: Serial) -> Iterator[Finding]:
    for one in seen(ledger, calibrated=True):
        for quant in sorted({point.quant for point in one.one.points}):
            curve = sorted(_curve(one, wanted.engine, quant))
            if len(curve) > 1 and curve[0][0] <= 2 and curve[-1][0] >= 3:
                yield _growth(one, wanted, quant, curve)


def _curve(one: Seen, engine_id: str, quant: str) -> Iterator[tuple[int, float, str]]:
    for point in one.one.points:
        wanted = (point.engine, point.quant) == (engine_id, quant)
        if wanted and point.clients is not None and point.total_tok_s is not None:
            yield point.clients, point.total_tok_s, point.variant


def _growth(one: Seen, wanted: Serial, quant: str, curve: list[tuple[int, float, str]]) -> Finding:
    (few, start, variant), (many, end, _) = curve[0], curve[-1]
    growth = end / start
    text = (
        f"{engine(wanted.engine)} in {quant}: {start:.0f} tok/s with {count(few)}, "
        f"{end:.0f} with {many} together, {growth:.1f} times"
    )
    finding = one.finding(_grown(growth), text, one.scope(many, variant))
    return replace(finding, value=growth, unit="×")


def _grown(growth: float) -> Stance:
    if growth < ALONE:
        return Stance.SUPPORTS
    return Stance.CONTRADICTS if growth > TOGETHER else Stance.BEARS


def builds(ledger: Ledger, wanted: Minutes) -> Iterator[Finding]:
    for one in seen(ledger, calibrated=False):
        for point in one.one.points:
            if point.engine == wanted.engine and point.build_s and point.cores:
                yield _built(one, wanted, point.build_s, point.cores)


def _built(one: Seen, wanted: Minutes, seconds: float, cores: int) -> Finding:
    """Too slow on few cores is a condition: compiling spreads over cores."""
    target = wanted.minutes * 60
    fine = seconds <= target * BUILD_MARGIN
    text = f"compiled in {seconds:.0f} s on {cores} cores"
    finding = one.finding(Stance.SUPPORTS if fine else Stance.ONLY_IF, text, one.scope(None))
    needed = arithmetic.cores_for(seconds, cores, target)
    only_if = "" if fine else f"about {needed:.0f} cores or more compile it"
    return replace(finding, only_if=only_if, value=seconds / 60, unit="min")

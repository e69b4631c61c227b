"""Tokens/s of one stream on a claim's device, and what precision alone does there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recommender import catalogue
from recommender.ledger import calibration
from recommender.ledger.calibration import Row
from recommender.ledger.finding import Finding, Scope, Stance, Tier
from recommender.ledger.load import Ledger, load
from recommender.ledger.published.seen import exact, page
from recommender.ledger.schema import Claim, Speed
from recommender.ledger.words import engine

SAME_SPEED = 0.10
"""Two single streams within a tenth count as the same speed (ADR 0008)."""

SIXTEEN_BITS, FOUR_BITS = 15.0, 5.5


def found(speed: Speed) -> Iterator[Finding]:
    """Of another engine, or with another load, a row only bears on the claim."""
    model = catalogue.load().models[speed.model]
    for row in calibration.decode_rows(speed.device, model.params):
        bits = calibration.bits_of(row.quant)
        if bits is None or not speed.bits[0] * 0.9 <= bits <= speed.bits[1] * 1.1:
            continue
        whose = calibration.ENGINES[row.engine]
        comparable = whose == speed.engine and speed.clients == 1
        same = abs(row.value / speed.value - 1) <= SAME_SPEED
        decided = Stance.SUPPORTS if same else Stance.CONTRADICTS
        text = (
            f"{row.engine} reached {row.value:.0f} tok/s with {row.model} in {row.quant}, one "
            f"stream of {row.gen_tokens} tokens; {speed.value:.0f} claimed for "
            f"{engine(speed.engine)}"
        )
        finding = _finding(row, decided if comparable else Stance.BEARS, text, row.model)
        yield replace(
            finding, value=row.value, unit="tok/s", engine=calibration.ENGINES[row.engine]
        )


def _finding(row: Row, stance: Stance, text: str, what: str) -> Finding:
    return Finding(
        Tier.PUBLISHED,
        stance,
        text,
        source="calibration",
        url=row.origin,
        title=page(row.origin),
        when=exact(row.date or "") or load().sources["calibration"].checked,
        dated=row.date or "undated",
        scope=Scope(row.device or "", "", what, 1),
    )


def formats(ledger: Ledger, claim: Claim) -> Iterator[Finding]:
    """One engine at two precisions, against the spread between engines that it shall explain."""
    explained = ledger.claims[claim.explains].quantities if claim.explains else ()
    speeds = [quantity for quantity in explained if isinstance(quantity, Speed)]
    if not speeds:
        return
    spread = max(s.value for s in speeds) / min(s.value for s in speeds)
    for heavy, light in _twins(speeds[0]):
        factor = light.value / heavy.value
        stance = Stance.SUPPORTS if factor > spread else Stance.CONTRADICTS
        text = (
            f"{heavy.engine} alone goes from {heavy.value:.0f} tok/s in {heavy.quant} to "
            f"{light.value:.0f} in {light.quant}, {factor:.1f} times; the engines in "
            f"{claim.explains} are {spread:.2f} times apart"
        )
        what = f"one engine at two precisions, {heavy.model}"
        yield replace(_finding(heavy, stance, text, what), value=factor, unit="×")


def _twins(speed: Speed) -> Iterator[tuple[Row, Row]]:
    """Rows of one run that differ in precision only: 16 bits, then about 4."""
    model = catalogue.load().models[speed.model]
    rows = calibration.decode_rows(speed.device, model.params)
    for heavy in rows:
        for light in rows:
            if _same_run(heavy, light) and _is_heavy(heavy) and _is_light(light):
                yield heavy, light


def _is_heavy(row: Row) -> bool:
    return (calibration.bits_of(row.quant) or 0) >= SIXTEEN_BITS


def _is_light(row: Row) -> bool:
    return 0 < (calibration.bits_of(row.quant) or 0) <= FOUR_BITS


def _same_run(row: Row, other: Row) -> bool:
    return (row.engine, row.origin, row.model, row.gen_tokens) == (
        other.engine,
        other.origin,
        other.model,
        other.gen_tokens,
    )

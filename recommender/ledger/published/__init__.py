"""What others measured of a claim: found by code in the comparisons and the calibration data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recommender.ledger.finding import Finding
from recommender.ledger.load import Ledger
from recommender.ledger.published import loads, ratios, speeds
from recommender.ledger.schema import (
    Claim,
    Deficit,
    Latency,
    Minutes,
    Pair,
    Quantity,
    Ratio,
    Serial,
    Speed,
    Users,
)


def findings(ledger: Ledger, claim: Claim) -> tuple[Finding, ...]:
    found = [
        replace(finding, part=part)
        for part, quantity in enumerate(claim.quantities)
        for finding in _of(ledger, claim, quantity)
    ]
    return (*found, *speeds.formats(ledger, claim))


def _of(ledger: Ledger, claim: Claim, quantity: Quantity) -> Iterator[Finding]:
    if isinstance(quantity, Ratio | Deficit | Pair):
        yield from ratios.found(ledger, claim, quantity)
    elif isinstance(quantity, Speed):
        yield from speeds.found(quantity)
    elif isinstance(quantity, Latency):
        yield from loads.latencies(ledger, claim, quantity)
    elif isinstance(quantity, Users):
        yield from loads.users(ledger, claim, quantity)
    elif isinstance(quantity, Serial):
        yield from loads.scaling(ledger, quantity)
    elif isinstance(quantity, Minutes) and quantity.what == "compiling":
        yield from loads.builds(ledger, quantity)

"""Arithmetic held against a claim: limits, sizes, and what other claims imply."""

from __future__ import annotations

from recommender.ledger.checks import implied, limits
from recommender.ledger.finding import Finding, Stance, Tier
from recommender.ledger.load import Ledger
from recommender.ledger.schema import Claim


def findings(ledger: Ledger, claim: Claim) -> tuple[Finding, ...]:
    """Whoever can multiply can check these; their date is the day the claim was read."""
    read_on = ledger.sources[claim.source].checked
    found = (*limits.checked(claim), *implied.checked(ledger, claim))
    return tuple(
        Finding(
            Tier.ARITHMETIC,
            stance,
            text,
            source="adr-0008",
            title="calculated",
            when=read_on,
            part=part,
        )
        for stance, text, part in found
    )


__all__ = ["Stance", "findings"]

"""What documentation and papers say of a claim, as findings."""

from __future__ import annotations

from recommender.ledger.finding import Finding, Stance, Tier
from recommender.ledger.load import Ledger
from recommender.ledger.schema import Claim, Documented


def findings(ledger: Ledger, claim: Claim) -> tuple[Finding, ...]:
    return tuple(_finding(ledger, entry) for entry in ledger.documented if entry.claim == claim.id)


def _finding(ledger: Ledger, entry: Documented) -> Finding:
    source = ledger.sources[entry.source]
    return Finding(
        Tier.DOCUMENTED,
        Stance(entry.stance),
        entry.text,
        source=source.id,
        url=source.url,
        title=source.title,
        when=entry.date,
        dated=entry.date.isoformat(),
        only_if=entry.only_if,
        part=entry.part,
    )

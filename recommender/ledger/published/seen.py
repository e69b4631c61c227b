"""A comparison with where it can be read, and findings made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from recommender.ledger import calibration
from recommender.ledger.finding import Finding, Scope, Stance, Tier
from recommender.ledger.load import Ledger
from recommender.ledger.schema import Comparison


@dataclass(frozen=True, slots=True)
class Seen:
    one: Comparison
    title: str
    url: str
    checked: date  # the day somebody last looked

    def scope(
        self, clients: int | None, variant: str = "unknown", *, same: bool | None = None
    ) -> Scope:
        one = self.one
        return Scope(
            one.device, one.hardware, one.model, clients, variant, same, peak=clients is None
        )

    def finding(self, stance: Stance, text: str, scope: Scope, *, claim: str = "") -> Finding:
        return Finding(
            Tier.PUBLISHED,
            stance,
            text,
            source=self.one.source,
            url=self.url,
            title=self.title,
            when=exact(self.one.when) or self.checked,
            dated=self.one.when,
            scope=scope,
            origin=claim in self.one.origin_of,
        )


def seen(ledger: Ledger, *, calibrated: bool) -> Iterator[Seen]:
    """Every comparison in the data, and on demand those that the calibration rows form."""
    for one in ledger.comparisons:
        source = ledger.sources[one.source]
        yield Seen(one, source.title, source.url, source.checked)
    checked = ledger.sources["calibration"].checked
    for one, url in calibration.comparisons() if calibrated else ():
        yield Seen(one, page(url), url, checked)


def page(url: str) -> str:
    """A title for a row's source: where it is, without the protocol."""
    return url.removeprefix("https://")


def exact(when: str) -> date | None:
    """ "2026-05-12" and "2026-05" as a date (the first of the month); a year alone is none."""
    parts = [int(part) for part in when.split("-") if part.isdigit()]
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1) if len(parts) > 1 else None

"""How old every source is: the rule book's, the ledger's, the catalogue's. Knows no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from recommender import catalogue, rulebook
from recommender.estimate import buffers
from recommender.ledger import load as ledger
from recommender.rows import lexicon


@dataclass(frozen=True, slots=True)
class Sourced:
    """`checked` None: nobody noted when it was compared. `used_by` names entries, not every one."""

    id: str
    title: str
    url: str
    checked: date | None
    where: str  # rule book | claims | catalogue
    used_by: tuple[str, ...]

    def age_days(self, today: date) -> int | None:
        return None if self.checked is None else (today - self.checked).days


class Change(BaseModel):
    """One edition of the rule book in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    date: date
    text: str


@cache
def changes() -> tuple[Change, ...]:
    """Newest first."""
    text = (files("recommender") / "data" / "rulebook_changes.toml").read_text("utf-8")
    found = (Change.model_validate(raw) for raw in tomllib.loads(text)["change"])
    return tuple(sorted(found, key=lambda change: change.date, reverse=True))


@cache
def sources() -> tuple[Sourced, ...]:
    """Every source there is; those nobody dated first, then the oldest."""
    found = (*_cited(), *_catalogue())
    return tuple(sorted(found, key=lambda s: (s.checked or date.min, s.where, s.id)))


def older_than(days: int, today: date, among: Iterable[Sourced]) -> tuple[Sourced, ...]:
    """Sources last compared more than `days` ago, or nobody knows when."""
    ages = ((source, source.age_days(today)) for source in among)
    return tuple(source for source, age in ages if age is None or age > days)


def _cited() -> Iterator[Sourced]:
    book, used = rulebook.load(), _uses()
    for source in ledger.load().sources.values():
        where = "rule book" if source.id in book.sources else "claims"
        entries = tuple(used.get(source.id, ()))
        yield Sourced(source.id, source.title, source.url, source.checked, where, entries)


def _uses() -> Mapping[str, list[str]]:
    """Which entries name which source."""
    book, claims = rulebook.load(), ledger.load()
    rows = [(row.source, row.id) for row in book.rules.values()]
    rows += [(limit.source, limit.id) for limit in book.limits]
    rows += [(capacity.source, capacity.id) for capacity in book.capacities]
    rows += [(penalty.source, penalty.id) for penalty in book.penalties]
    rows += [(claim.source, claim.id) for claim in claims.claims.values()]
    rows += [(comparison.source, comparison.id) for comparison in claims.comparisons]
    rows += [(entry.source, entry.claim) for entry in claims.documented]
    rows += [(plan.source, plan.claim) for plan in claims.tests.values()]
    found: dict[str, list[str]] = {}
    for source, entry in rows:
        if entry not in found.setdefault(source, []):
            found[source].append(entry)
    return found


def _catalogue() -> Iterator[Sourced]:
    """One for each address or citation, with the latest day somebody compared it."""
    known = catalogue.load()
    rows = [(row.id, row.sources) for row in known.models.values()]
    rows += [(quant.id, quant.sources) for quant in known.quants.values()]
    rows += [(device.id, device.sources) for device in known.devices.values()]
    rows += [(engine.id, engine.sources) for engine in known.engines.values()]
    rows += [(link.id, link.sources) for link in known.links.values()]
    rows += [(entry.name, entry.sources) for entry in buffers.load().visible]
    rows += [(f"memory of {entry.engine}", entry.sources) for entry in buffers.load().buffers]
    rows += [(entry.names[0], entry.sources) for entry in lexicon.load().engine]
    rows += [(entry.name, entry.sources) for entry in lexicon.load().processor]
    found: dict[str, Sourced] = {}
    for entry, sources_of in rows:
        for source in sources_of:
            key = source.url or source.cite
            checked = date.fromisoformat(source.checked) if source.checked else None
            found[key] = _merged(found.get(key), key, source.url, checked, entry)
    yield from found.values()


def _merged(old: Sourced | None, key: str, url: str, checked: date | None, entry: str) -> Sourced:
    days = [day for day in (checked, old.checked if old else None) if day is not None]
    entries = (*(old.used_by if old else ()), entry)
    return Sourced(key, key, url, max(days, default=None), "catalogue", entries)

"""Loads the ledger's data and refuses what does not hang together."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from recommender import catalogue, rulebook
from recommender.ledger import plans, schema

FILES = (
    "claims_sources",
    "claims",
    "claims_contradictions",
    "claims_published",
    "claims_documented",
    "claims_tests",
)
Row = TypeVar("Row", bound=BaseModel)


class LedgerError(ValueError):
    """The data is wrong; the sentence says which file and entry."""


@dataclass(frozen=True)
class Ledger:
    sources: Mapping[str, schema.Source]
    groups: Mapping[str, schema.Group]
    claims: Mapping[str, schema.Claim]
    contradictions: tuple[schema.Contradiction, ...]
    comparisons: tuple[schema.Comparison, ...]
    documented: tuple[schema.Documented, ...]
    tests: Mapping[str, plans.TestPlan]  # by claim

    @cached_property
    def against(self) -> Mapping[str, tuple[str, ...]]:
        """Who contradicts each claim: the other sides of the table, and what the claim names."""
        found: dict[str, list[str]] = {c.id: list(c.contradicted_by) for c in self.claims.values()}
        for claim, other in _opposed(self.contradictions):
            if claim in found:
                found[claim].append(other)
        return {claim: tuple(dict.fromkeys(others)) for claim, others in found.items()}

    def topics(self, claim: str) -> tuple[schema.Contradiction, ...]:
        return tuple(c for c in self.contradictions if any(claim in s.who for s in c.sides))

    def of_engine(self, engine: str, name: str) -> tuple[schema.Claim, ...]:
        """Claims that compute with the engine, or that name it in so many words."""
        named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
        return tuple(
            claim
            for claim in self.claims.values()
            if engine in _engines(claim.quantities) or named.search(claim.text)
        )

    def of_group(self, group: str) -> tuple[schema.Claim, ...]:
        return tuple(claim for claim in self.claims.values() if claim.group == group)


def _engines(quantities: Iterable[schema.Quantity]) -> set[str]:
    parts = (getattr(q, part, None) for q in quantities for part in ("engine", "against"))
    return {engine for engine in parts if engine is not None}


def _opposed(contradictions: Iterable[schema.Contradiction]) -> Iterable[tuple[str, str]]:
    for one in contradictions:
        for side in one.sides:
            others = [who for other in one.sides if other is not side for who in other.who]
            yield from ((who, other) for who in side.who for other in others if other != who)


@cache
def load() -> Ledger:
    """The shipped ledger.

    Raises:
        LedgerError: its data is wrong.
    """
    folder = files("recommender") / "data"
    return build({name: (folder / f"{name}.toml").read_text("utf-8") for name in FILES})


def build(texts: Mapping[str, str]) -> Ledger:
    """A ledger from the text of its files, by name (`FILES`)."""
    tables = {name: _toml(name, texts[name]) for name in FILES}
    own = _by_id("source", _rows(schema.Source, tables, "claims_sources", "source"))
    book = rulebook.load()
    twice = sorted(set(own) & set(book.sources))
    if twice:
        msg = f"claims_sources.toml repeats {', '.join(twice)}, which sources.toml has"
        raise LedgerError(msg)
    ledger = Ledger(
        sources={**book.sources, **own},
        groups=_by_id("group", _rows(schema.Group, tables, "claims", "group")),
        claims=_by_id("claim", _rows(schema.Claim, tables, "claims", "claim")),
        contradictions=_rows(
            schema.Contradiction, tables, "claims_contradictions", "contradiction"
        ),
        comparisons=_rows(schema.Comparison, tables, "claims_published", "comparison"),
        documented=_rows(schema.Documented, tables, "claims_documented", "documented"),
        tests=_by_claim(_rows(plans.TestPlan, tables, "claims_tests", "test")),
    )
    _check(ledger)
    return ledger


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name}.toml is not TOML: {error}"
        raise LedgerError(msg) from error


def _rows(
    kind: type[Row], tables: Mapping[str, dict[str, Any]], file: str, table: str
) -> tuple[Row, ...]:
    found = []
    for raw in tables[file].get(table, []):
        try:
            found.append(kind.model_validate(_singular(raw)))
        except ValidationError as error:
            name = raw.get("id") or raw.get("claim") or "an entry without an id"
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "entry"
            msg = f"{file}.toml, {table} {name}: {place}: {first['msg']}"
            raise LedgerError(msg) from error
    return tuple(found)


_PLURALS = {
    "quantity": "quantities",
    "side": "sides",
    "point": "points",
    "ratio": "ratios",
    "arm": "arms",
    "criterion": "criteria",
}


def _singular(raw: Mapping[str, Any]) -> dict[str, Any]:
    """TOML reads `[[claim.quantity]]` one at a time; in Python they are `quantities`."""
    return {_PLURALS.get(key, key): value for key, value in raw.items()}


def _by_id(what: str, rows: Iterable[Any]) -> dict[str, Any]:
    found = tuple(rows)
    _unique(what, (row.id for row in found))
    return {row.id: row for row in found}


def _by_claim(rows: Iterable[plans.TestPlan]) -> dict[str, plans.TestPlan]:
    found = tuple(rows)
    _unique("the test of", (row.claim for row in found))
    return {row.claim: row for row in found}


def _unique(what: str, ids: Iterable[str]) -> None:
    twice = sorted(name for name, n in Counter(ids).items() if n > 1)
    if twice:
        msg = f"{what} {', '.join(twice)} is there twice"
        raise LedgerError(msg)


def _check(ledger: Ledger) -> None:
    known = {"claim": set(ledger.claims), "group": set(ledger.groups)}
    said = known["claim"] | set(rulebook.load().rules)
    for where, kind, name in _references(ledger):
        allowed = {"source": ledger.sources, "said": said, **known}[kind]
        if name not in allowed:
            what = "claim or rule" if kind == "said" else kind
            msg = f"{where} names the {what} {name!r}, which does not exist"
            raise LedgerError(msg)
    _check_catalogue(ledger)
    _check_tests(ledger)


def _references(ledger: Ledger) -> Iterable[tuple[str, str, str]]:
    """Every name an entry uses: where, of which kind, the name."""
    for claim in ledger.claims.values():
        yield claim.id, "source", claim.source
        yield claim.id, "group", claim.group
        yield from ((claim.id, "said", other) for other in claim.contradicted_by)
        if claim.explains is not None:
            yield claim.id, "claim", claim.explains
    for one in ledger.contradictions:
        yield one.id, "group", one.group
        yield from ((one.id, "said", who) for side in one.sides for who in side.who)
    for comparison in ledger.comparisons:
        yield comparison.id, "source", comparison.source
        yield from ((comparison.id, "claim", claim) for claim in comparison.origin_of)
    for about in (*ledger.documented, *ledger.tests.values()):
        assert isinstance(about, schema.Documented | plans.TestPlan)
        yield f"what is said of {about.claim}", "claim", about.claim
        yield f"what is said of {about.claim}", "source", about.source


def _check_catalogue(ledger: Ledger) -> None:
    known = catalogue.load()
    for where, kind, name in _catalogue_names(ledger):
        if name not in getattr(known, kind):
            msg = f"{where} names {name!r}, which is not among the catalogue's {kind}"
            raise LedgerError(msg)


def _catalogue_names(ledger: Ledger) -> Iterable[tuple[str, str, str]]:
    for claim in ledger.claims.values():
        for quantity in claim.quantities:
            if isinstance(quantity, schema.Speed):
                yield claim.id, "devices", quantity.device
                yield claim.id, "models", quantity.model
            if isinstance(quantity, schema.FileSize):
                yield claim.id, "models", quantity.model
                yield claim.id, "quants", quantity.quant
    for plan in ledger.tests.values():
        yield f"the test of {plan.claim}", "models", plan.model_cpu
        yield f"the test of {plan.claim}", "models", plan.model_gpu
        yield f"the test of {plan.claim}", "quants", plan.quant


def _check_tests(ledger: Ledger) -> None:
    for claim in ledger.claims.values():
        if ("run" in claim.means) != (claim.id in ledger.tests):
            msg = f"{claim.id} can be tested by a run exactly when claims_tests.toml says how"
            raise LedgerError(msg)

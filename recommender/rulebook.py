"""The rule book: articles, rules, engines, limits, the house decision and their sources.

Loaded once from `recommender/data/`, validated loudly: an id twice, a rule without a source, a
source nobody listed, an engine nobody knows does not load.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from recommender import schema
from recommender.conditions import Condition, parse

EDITION = "2026.11.3"
"""Raised by hand when the rules change in a way that a reader should know."""

FILES = ("sources", "engines", "terms", "articles", "rules", "limits", "house")
Row = TypeVar("Row", bound=BaseModel)
Tables = Mapping[str, list[dict[str, Any]]]


class RulebookError(ValueError):
    """The data is wrong; the sentence says which file and entry."""


@dataclass(frozen=True)
class Rulebook:
    version: str  # edition and the beginning of the data's hash
    digest: str  # SHA-256 of all data files
    sources: Mapping[str, schema.Source]
    engines: Mapping[str, schema.Engine]
    terms: Mapping[str, schema.Term]
    articles: Mapping[str, schema.Article]
    rules: Mapping[str, schema.Rule]
    limits: tuple[schema.Limit, ...]
    device_limits: tuple[schema.DeviceLimit, ...]
    contradictions: tuple[schema.Contradiction, ...]
    steps: tuple[schema.Step, ...]
    capacities: tuple[schema.Capacity, ...]
    serves: Mapping[str, schema.Serves]
    penalties: tuple[schema.Penalty, ...]
    assumptions: tuple[schema.Assumption, ...]
    at_once: Mapping[str, schema.AtOnce]  # by purpose
    conversations: Mapping[str, schema.Conversation]  # by purpose
    advice: tuple[schema.Advice, ...]

    def of_article(self, article: str) -> tuple[schema.Rule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.article == article)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and other.digest == self.digest


@cache
def load() -> Rulebook:
    """The shipped rule book.

    Raises:
        RulebookError: its data is wrong.
    """
    folder = files("recommender") / "data"
    return build({name: (folder / f"{name}.toml").read_text("utf-8") for name in FILES})


def build(texts: Mapping[str, str]) -> Rulebook:
    """A rule book from the text of its files, by name (`FILES`)."""
    tables = {name: _toml(name, texts[name]) for name in FILES}
    terms = _terms(tables["terms"])
    context = {"terms": {term.id: term.when for term in terms.values()}}
    digest = hashlib.sha256("\0".join(texts[name] for name in FILES).encode()).hexdigest()

    def rows(kind: type[Row], file: str, table: str) -> tuple[Row, ...]:
        return _rows(kind, tables[file].get(table, []), f"{file}.toml, {table}", context)

    book = Rulebook(
        version=f"{EDITION}+{digest[:8]}",
        digest=digest,
        sources=_by_id(rows(schema.Source, "sources", "source")),
        engines=_by_id(rows(schema.Engine, "engines", "engine")),
        terms=terms,
        articles=_by_id(rows(schema.Article, "articles", "article")),
        rules=_by_id(rows(schema.Rule, "rules", "rule")),
        limits=rows(schema.Limit, "limits", "limit"),
        device_limits=rows(schema.DeviceLimit, "limits", "device"),
        contradictions=rows(schema.Contradiction, "limits", "contradiction"),
        steps=rows(schema.Step, "house", "step"),
        capacities=rows(schema.Capacity, "house", "capacity"),
        serves={row.engine: row for row in rows(schema.Serves, "house", "serves")},
        penalties=rows(schema.Penalty, "house", "rule"),
        assumptions=rows(schema.Assumption, "house", "assume"),
        at_once={row.purpose: row for row in rows(schema.AtOnce, "house", "at_once")},
        conversations={
            row.purpose: row for row in rows(schema.Conversation, "house", "conversation")
        },
        advice=rows(schema.Advice, "house", "advice"),
    )
    _check(book)
    return book


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name}.toml is not TOML: {error}"
        raise RulebookError(msg) from error


def _terms(tables: Mapping[str, Any]) -> dict[str, schema.Term]:
    """One after the other, as a term may use those before it."""
    known: dict[str, Condition] = {}
    found: dict[str, schema.Term] = {}
    for raw in tables.get("term", []):
        (term,) = _rows(schema.Term, [raw], "terms.toml, term", {"terms": known})
        known[term.id] = parse(raw["when"], known)
        found[term.id] = term
    return found


def _rows(kind: type[Row], raws: list[Any], where: str, context: Any) -> tuple[Row, ...]:
    found = []
    for raw in raws:
        try:
            found.append(kind.model_validate(raw, context=context))
        except ValidationError as error:
            name = next((raw[k] for k in ("id", "fact", "engine") if k in raw), "without an id")
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "entry"
            msg = f"{where}, {name}: {place}: {first['msg']}"
            raise RulebookError(msg) from error
    return tuple(found)


def _by_id(rows: Iterable[Any]) -> dict[str, Any]:
    found = tuple(rows)
    _unique(row.id for row in found)
    return {row.id: row for row in found}


def _unique(ids: Iterable[str]) -> None:
    twice = sorted(name for name, n in Counter(ids).items() if n > 1)
    if twice:
        msg = f"these ids are there twice: {', '.join(twice)}"
        raise RulebookError(msg)


def _check(book: Rulebook) -> None:
    parts: tuple[Iterable[Any], ...] = (
        book.limits,
        book.device_limits,
        book.contradictions,
        book.capacities,
        book.penalties,
        book.advice,
    )
    _unique(row.id for rows in parts for row in rows)
    tables: tuple[Mapping[str, Any], ...] = (
        book.engines,
        book.terms,
        book.rules,
        book.serves,
        book.at_once,
        book.conversations,
    )
    runners = [engine.runs for engine in book.engines.values() if engine.runs]
    groups = (*parts, book.assumptions, runners, *(mapping.values() for mapping in tables))
    for row in (row for group in groups for row in group):
        if row.source not in book.sources:
            msg = f"{_name(row)} names the source {row.source!r}, which sources.toml does not have"
            raise RulebookError(msg)
    _check_articles(book)
    steps = {step.id for step in book.steps}
    wrong = sorted(p.id for p in book.penalties if p.step not in steps)
    if wrong:
        msg = f"{', '.join(wrong)}: there are the steps {', '.join(sorted(steps))}"
        raise RulebookError(msg)


def _name(row: object) -> str:
    names = (getattr(row, name, "") for name in ("id", "fact", "engine", "purpose"))
    return next((str(name) for name in names if name), "an entry")


def _check_articles(book: Rulebook) -> None:
    for article in book.articles.values():
        asked = {r.id for r in book.of_article(article.id) if r.kind in ("verdict", "default")}
        if set(article.order) != asked or len(article.order) != len(asked):
            odd = ", ".join(sorted(set(article.order) ^ asked)) or "one of them twice"
            msg = f"the order of {article.id} must hold each of its verdicts once; look at {odd}"
            raise RulebookError(msg)
        if not set(article.waits) <= asked:
            msg = f"{article.id} waits at a rule that is not among its verdicts"
            raise RulebookError(msg)
        if article.id not in book.sources:
            msg = f"the article {article.id} is not in sources.toml"
            raise RulebookError(msg)

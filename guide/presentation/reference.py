"""Articles and engines as the rule book has them, gathered for their pages."""

from __future__ import annotations

from dataclasses import dataclass

from recommender import rulebook
from recommender.schema import Article, Capacity, Engine, Limit, Penalty, Rule, Serves, Source


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """`asked` are the rules that can decide, in the article's order; `beside` the others."""

    article: Article
    source: Source
    asked: tuple[Rule, ...]
    beside: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A row of the rule book with the source it names."""

    row: Limit | Capacity | Serves | Penalty
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class EnginePage:
    engine: Engine
    source: Source
    serves: Cited | None
    limits: tuple[Cited, ...]
    capacities: tuple[Cited, ...]
    house: tuple[Cited, ...]
    named_by: tuple[Rule, ...]
    excluded_by: tuple[Rule, ...]


def article_page(article: str) -> ArticlePage:
    book = rulebook.load()
    known = book.articles[article]
    return ArticlePage(
        article=known,
        source=book.sources[article],
        asked=tuple(book.rules[rule] for rule in known.order),
        beside=tuple(r for r in book.of_article(article) if r.id not in known.order),
    )


def engine_page(engine: str) -> EnginePage:
    book = rulebook.load()
    known = book.engines[engine]
    serves = book.serves.get(engine)
    return EnginePage(
        engine=known,
        source=book.sources[known.source],
        serves=_cited(serves, engine) if serves else None,
        limits=tuple(_cited(row, engine) for row in book.limits if row.engine == engine),
        capacities=tuple(_cited(row, engine) for row in book.capacities if row.engine == engine),
        house=tuple(_cited(row, engine) for row in book.penalties if engine in row.targets),
        named_by=tuple(rule for rule in book.rules.values() if engine in _named(rule)),
        excluded_by=tuple(rule for rule in book.rules.values() if engine in rule.excludes),
    )


def _named(rule: Rule) -> set[str]:
    return {verdict.engine for verdict in rule.engines} | set(rule.also)


def _cited(row: Limit | Capacity | Serves | Penalty, engine: str) -> Cited:
    """House rules are written once for several engines: `{engine}` stands for each."""
    book = rulebook.load()
    text = row.text.replace("{engine}", book.engines[engine].name)
    return Cited(row, text, book.sources[row.source])

"""Each article as the procedure it is, evaluated on what is really known.

The same procedure, over a whole table of combinations, gives the votes of the house decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from recommender.conditions import ALWAYS, All, Atoms, Condition, Either, Grid, Truth
from recommender.facts import Facts
from recommender.recommendation import Opinion, Reason
from recommender.rulebook import Rulebook
from recommender.schema import Rule
from recommender.wording import nouns, phrase


@dataclass(frozen=True, slots=True)
class Branch:
    """A way out of an article: under `when`, `rule` sends to `engine`, unless that is excluded."""

    rule: Rule
    engine: str
    when: Condition
    unless: Condition

    def truth(self, facts: Facts) -> Truth:
        """An exclusion that is not known to hold does not stand in the way."""
        return False if self.unless.truth(facts) else self.when.truth(facts)

    def over(self, table: Atoms) -> Grid:
        return self.when.over(table) & (self.unless.over(table) ^ True)


@cache
def branches(book: Rulebook, article: str) -> tuple[Branch, ...]:
    """The ways out of an article, in the order in which it asks; exclusions are worked in."""
    excluded: dict[str, list[Condition]] = {}
    for rule in book.of_article(article):
        for engine in rule.excludes:
            excluded.setdefault(engine, []).append(rule.when)
    return tuple(_branches(book, article, excluded))


def _branches(
    book: Rulebook, article: str, excluded: dict[str, list[Condition]]
) -> Iterator[Branch]:
    for rule_id in book.articles[article].order:
        rule = book.rules[rule_id]
        for verdict in rule.engines:
            unless = Either(tuple(excluded.get(verdict.engine, ())))
            parts = tuple(part for part in (rule.when, verdict.when) if part != ALWAYS)
            when = parts[0] if len(parts) == 1 else All(parts)
            yield Branch(rule, verdict.engine, when, unless)


@lru_cache(maxsize=4096)
def opinions(book: Rulebook, facts: Facts) -> tuple[Opinion, ...]:
    """All five, side by side."""
    return tuple(opinion(book, article, facts) for article in book.articles)


def opinion(book: Rulebook, article: str, facts: Facts) -> Opinion:
    """What one article says, with the rules that hold; the deciding rule comes first."""
    return _opinion(book, article, Facts(**{n: getattr(facts, n) for n in _asks(book, article)}))


@cache
def _asks(book: Rulebook, article: str) -> tuple[str, ...]:
    """The facts an article looks at: few, so that it says the same of many cases."""
    conditions = [rule.when for rule in book.of_article(article)]
    conditions += [c for b in branches(book, article) for c in (b.when, b.unless)]
    return tuple(dict.fromkeys(fact for condition in conditions for fact in _read(condition)))


@lru_cache(maxsize=16384)
def _opinion(book: Rulebook, article: str, facts: Facts) -> Opinion:
    branch, open_facts = _decide(book, article, facts)
    rules = _holding(book, article, facts, branch)
    source = book.sources[article]
    return Opinion(
        article=article,
        title=source.title,
        url=source.url,
        engine=branch.engine if branch else None,
        rules=tuple(reason(book, rule) for rule in rules),
        note=_note(branch, open_facts),
    )


def advice(book: Rulebook, facts: Facts) -> tuple[Reason, ...]:
    """What the articles say about how, rather than which."""
    return tuple(reason(book, rule) for rule in _advisory(book) if rule.when.truth(facts))


@cache
def _advisory(book: Rulebook) -> tuple[Rule, ...]:
    return tuple(rule for rule in book.rules.values() if rule.kind == "advice")


def reason(book: Rulebook, rule: Rule) -> Reason:
    return _reasons(book)[rule.id]


@cache
def _reasons(book: Rulebook) -> Mapping[str, Reason]:
    return {rule.id: _reason(book, rule) for rule in book.rules.values()}


def _reason(book: Rulebook, rule: Rule) -> Reason:
    source = book.sources[rule.source]
    return Reason(rule.id, source.id, rule.text, source.url, source.title)


def counted(book: Rulebook, whole: Facts) -> Mapping[str, int]:
    """How many articles say each engine of a case in which everything is known."""
    total = dict.fromkeys(book.engines, 0)
    for article in book.articles:
        for branch in branches(book, article):
            if branch.truth(whole):
                total[branch.engine] += 1
                break
    return total


def votes(book: Rulebook, table: Atoms) -> Mapping[str, Grid | int]:
    """How many articles say each engine, over all combinations of a table."""
    total: dict[str, Any] = dict.fromkeys(book.engines, 0)
    for article in book.articles:
        open_: Any = True
        for branch in branches(book, article):
            hit = branch.over(table) & open_
            total[branch.engine] = total[branch.engine] + hit * 1
            open_ = open_ & (hit ^ True)
    return total


def _decide(book: Rulebook, article: str, facts: Facts) -> tuple[Branch | None, tuple[str, ...]]:
    """The branch taken, and the unknown facts that could have led elsewhere."""
    possible: list[tuple[Branch, Truth]] = []
    for branch in branches(book, article):
        truth = branch.truth(facts)
        if truth is not False:
            possible.append((branch, truth))
        if truth:
            break
    taken = next((branch for branch, truth in possible if truth), None)
    others = [b for b, _ in possible if taken is None or b.engine != taken.engine]
    names = [name for b in others for name in (*missing(b.when, facts), *missing(b.unless, facts))]
    waits = any(b.rule.id in book.articles[article].waits for b in others)
    return None if waits else taken, tuple(dict.fromkeys(names))


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """The facts a condition would still have to know."""
    if condition.truth(facts) is not None:
        return ()
    return tuple(fact for fact in _read(condition) if getattr(facts, fact) is None)


@cache
def _read(condition: Condition) -> tuple[str, ...]:
    return tuple(dict.fromkeys(atom.fact for atom in condition.atoms()))


def _holding(book: Rulebook, article: str, facts: Facts, branch: Branch | None) -> tuple[Rule, ...]:
    """The deciding rule, then whatever else of the article holds."""
    first = () if branch is None else (branch.rule,)
    rest = (r for r in _spoken(book, article) if branch is None or r.id != branch.rule.id)
    return (*first, *(rule for rule in rest if rule.when.truth(facts)))


@cache
def _spoken(book: Rulebook, article: str) -> tuple[Rule, ...]:
    """Rules that say which engine, or which not."""
    return tuple(r for r in book.of_article(article) if r.kind in ("verdict", "exclusion"))


def _note(branch: Branch | None, open_facts: tuple[str, ...]) -> str:
    asked = phrase(nouns(open_facts))
    if branch is None:
        return f"No opinion until it knows {asked}." if asked else "Has no opinion on this case."
    return f"Could change with {asked}." if asked else ""

"""Who wins: the first engine that nothing strikes out, else the closest to what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from recommender import catalogue as catalogues
from recommender import domain, house, limits, speeds
from recommender import table as tables
from recommender.answers import Answers
from recommender.catalogue import Catalogue
from recommender.evidence import Evidence, Measurement
from recommender.facts import Facts
from recommender.house import Decision
from recommender.implied import Derived, derive, estimated
from recommender.limits import Rig, Strikes
from recommender.measured import applying, nearby
from recommender.recommendation import Reason
from recommender.rulebook import Rulebook


@dataclass(frozen=True)
class Case:
    """Everything that is worked out before a word is said."""

    answers: Answers
    book: Rulebook
    catalogue: Catalogue
    derived: Derived
    facts: Facts  # for estimates: as known, with the assumptions that matter there
    decision: Decision
    found: tuple[Measurement, ...]
    rigs: tuple[Rig, ...]
    strikes: Strikes
    struck: Mapping[str, Reason]  # those that are really taken out
    winner: Rig | None
    compromise: str  # what has to give because every engine missed, else ""

    @property
    def left(self) -> tuple[str, ...]:
        """Engines that remain, best first."""
        return tuple(r.engine for r in self.rigs if r.engine not in self.struck)


def judge(answers: Answers, book: Rulebook, evidence: Evidence) -> Case:
    """Every engine with what it would serve, what strikes it out, and who is left."""
    catalogue, derived = catalogues.load(), derive(answers, book)
    facts = estimated(book, derived)
    decision = house.decide(book, domain.closed(derived.whole))
    found = applying(evidence, derived.known)
    near = nearby(evidence, derived.known)
    rigs = limits.rigs(decision, facts, catalogue, found, near)
    strikes = limits.strikes(book, rigs, facts, catalogue)
    winner, struck, compromise = _choose(rigs, strikes, facts, catalogue)
    parts = (answers, book, catalogue, derived, facts, decision, found, rigs, strikes)
    return Case(*parts, struck=struck, winner=winner, compromise=compromise)


def winner(answers: Answers, book: Rulebook, evidence: Evidence) -> str | None:
    """Only who wins, as `judge` would say it, without a reason for the others."""
    derived = derive(answers, book)
    if nearby(evidence, derived.known):
        rig = judge(answers, book, evidence).winner
        return rig.engine if rig else None
    ranking = tables.load(book).ranking(domain.place(derived.whole))
    facts, catalogue = estimated(book, derived), catalogues.load()
    first = limits.first_left(book, ranking, facts, catalogue)
    if first is not None:
        return first
    fitting = limits.fitting(book, ranking, facts, catalogue)
    return _nearest(fitting, facts, catalogue).engine if fitting else None


def _choose(
    rigs: tuple[Rig, ...], strikes: Strikes, facts: Facts, catalogue: Catalogue
) -> tuple[Rig | None, Mapping[str, Reason], str]:
    """The first that is not struck. If all that fit miss the target: the closest to it."""
    struck = strikes.all()
    left = next((rig for rig in rigs if rig.engine not in struck), None)
    if left:
        return left, struck, ""
    fitting = [rig for rig in rigs if rig.engine not in strikes.fit]
    if not fitting:
        return None, struck, ""
    best = _nearest(fitting, facts, catalogue)
    kept = {engine: why for engine, why in struck.items() if engine != best.engine}
    return best, kept, struck[best.engine].text


def _nearest(fitting: Sequence[Rig], facts: Facts, catalogue: Catalogue) -> Rig:
    """Closest to the target, never closer than what it runs underneath; of equals the one that
    was measured."""
    near = {rig.engine: speeds.closeness(rig, facts, catalogue) for rig in fitting}

    def nearness(rig: Rig) -> tuple[float, bool]:
        under = near.get(rig.runner.engine, inf) if rig.runner else inf
        return min(near[rig.engine], under), rig.measurement is not None

    return max(fitting, key=nearness)

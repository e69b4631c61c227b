"""Who wins: the first engine that nothing strikes out, else the closest to what was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from recommender.measured import Target, applying, nearby
from recommender.recommendation import Reason
from recommender.rulebook import Rulebook

CLEARLY = 2.0
"""By this factor estimates must be off to overturn what engines are counted on for: about as far
as nine of ten are (`/accuracy/`)."""


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
    winner, struck, compromise = _choose(rigs, strikes, decision, facts, catalogue)
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
    first = first_left(book, ranking, facts, catalogue, derived.whole)
    if first is not None:
        return first
    fitting = limits.fitting(book, ranking, facts, catalogue)
    return _nearest(fitting, facts, catalogue).engine if fitting else None


def first_left(
    book: Rulebook, ranking: Sequence[str], facts: Facts, catalogue: Catalogue, whole: Facts
) -> str | None:
    """Who wins while nothing was measured, as `_pick` says; None where every engine misses.

    `whole`: the case as the house decision takes it.
    """
    target = Target(facts.tokens_per_user, facts.ttft_ms)
    fit = limits.each_fitting(book, ranking, facts, catalogue)
    first = next(fit, None)
    if first is None or not (target and limits.falls_short(first, facts, catalogue, target)):
        return first.engine if first else None
    rest = tuple(fit)
    missed = {r.engine for r in rest if limits.falls_short(r, facts, catalogue, target)}
    decision = house.decide(book, domain.closed(whole))
    found = _pick((first, *rest), missed | {first.engine}, decision, facts, catalogue)
    return found.engine if found else None


def _pick(
    rigs: Sequence[Rig],
    out: Collection[str],
    decision: Decision,
    facts: Facts,
    catalogue: Catalogue,
) -> Rig | None:
    """Of engines that fit, best ranked first: the first that is not `out`. But an estimate alone
    hands no case to an engine beyond what it is counted on for while a better ranked one is not
    clearly too slow. None: all are out."""
    left = next((rig for rig in rigs if rig.engine not in out), None)
    if left is None or left.measurement or not decision.charges(left.engine, "capacity"):
        return left
    better = rigs[: rigs.index(left)]
    within = (rig for rig in better if not decision.charges(rig.engine, "capacity"))
    return next((rig for rig in within if _perhaps(rig, facts, catalogue)), left)


def _perhaps(rig: Rig, facts: Facts, catalogue: Catalogue) -> bool:
    """Estimated, and not clearly short of the target."""
    return not rig.measurement and speeds.closeness(rig, facts, catalogue) * CLEARLY >= 1


def _choose(
    rigs: tuple[Rig, ...],
    strikes: Strikes,
    decision: Decision,
    facts: Facts,
    catalogue: Catalogue,
) -> tuple[Rig | None, Mapping[str, Reason], str]:
    """The first that is not struck. If all that fit miss the target: the closest to it."""
    struck = strikes.all()
    fitting = [rig for rig in rigs if rig.engine not in strikes.fit]
    out = {**strikes.missed, **strikes.beaten}
    found = _pick(fitting, out, decision, facts, catalogue) if fitting else None
    if found or not fitting:
        return found, _without(struck, found), ""
    best = _nearest(fitting, facts, catalogue)
    return best, _without(struck, best), struck[best.engine].text


def _without(struck: Mapping[str, Reason], winner: Rig | None) -> Mapping[str, Reason]:
    return {e: why for e, why in struck.items() if winner is None or e != winner.engine}


def _nearest(fitting: Sequence[Rig], facts: Facts, catalogue: Catalogue) -> Rig:
    """Closest to the target, never closer than what it runs underneath; of equals the one that
    was measured. Where all are estimated, the best ranked of those not clearly farther off."""
    near = {rig.engine: speeds.closeness(rig, facts, catalogue) for rig in fitting}

    def nearness(rig: Rig) -> tuple[float, bool]:
        under = near.get(rig.runner.engine, inf) if rig.runner else inf
        return min(near[rig.engine], under), rig.measurement is not None

    best = max(fitting, key=nearness)
    if any(rig.measurement for rig in fitting):
        return best
    return next(rig for rig in fitting if near[rig.engine] * CLEARLY >= near[best.engine])

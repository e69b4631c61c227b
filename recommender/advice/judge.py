"""One machine against the need: the engine the house decision takes there, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender import contest, domain, limits, rulebook
from recommender import table as tables
from recommender.advice import given
from recommender.advice.builds import Build
from recommender.advice.need import Need
from recommender.advice.shape import Lacking, Machine, Margin
from recommender.answers import Answers
from recommender.catalogue import Catalogue, Model, Quant
from recommender.choose import choose, closest, relevant
from recommender.estimate.memory import kept, memory, room_gib, slots
from recommender.facts import Facts
from recommender.implied import derive, estimated
from recommender.limits import Rig
from recommender.recommendation import SpeedPoint
from recommender.wording import counted, number

HALF_GROWN = ", at half their length on average"


@dataclass(frozen=True, slots=True)
class Judged:
    """`lacks` is empty where `machine` meets the need."""

    build: Build
    machine: Machine | None
    lacks: str = ""

    @property
    def lacking(self) -> Lacking:
        build = self.build
        return Lacking(build.device.name, build.count, build.total_gib, self.lacks)


@dataclass(frozen=True, slots=True)
class _Case:
    """An engine with what it would serve on a machine."""

    need: Need
    build: Build
    facts: Facts
    catalogue: Catalogue
    engine: str
    model: Model
    quant: Quant

    @property
    def rig(self) -> Rig:
        return Rig(self.engine, (self.model, self.quant))

    @property
    def name(self) -> str:
        return rulebook.load().engines[self.engine].name


def judge(build: Build, need: Need, catalogue: Catalogue) -> Judged:
    """What the recommendation for this machine comes to, without measurements."""
    book = rulebook.load()
    derived = derive(Answers((*need.answers.given, *_given(build))), book)
    if derived.contradictions:
        return Judged(build, None, derived.contradictions[0].text.rstrip("."))
    facts = estimated(book, derived)
    ranking = tables.load(book).ranking(domain.place(derived.whole))
    first = contest.first_left(book, ranking, facts, catalogue, derived.whole)
    # Where every engine misses the target, by how much the first does is told.
    engine = first or limits.first_fitting(book, ranking, facts, catalogue)
    if engine is None:
        return Judged(build, None, _too_large(ranking, facts, catalogue))
    choice = choose(engine, relevant(facts, catalogue), catalogue)
    assert choice is not None
    return _judged(_Case(need, build, facts, catalogue, engine, *choice))


def _given(build: Build) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((question, (value,)) for question, value in build.answers)


def _too_large(ranking: Sequence[str], facts: Facts, catalogue: Catalogue) -> str:
    found = [(e, choice) for e in ranking if (choice := closest(e, facts, catalogue))]
    if not found:
        return "no engine that runs there loads a published form of the model"
    needs = [(memory(e, *choice, facts, catalogue), choice[1]) for e, choice in found]
    least, quant = min(needs, key=lambda pair: pair[0].total_gib - (pair[0].available_gib or 0.0))
    there = least.available_gib or 0.0
    named = "in" if facts.quant else "even in"
    return (
        f"{least.total_gib:.1f} GiB are needed {named} {quant.id}, {there:.1f} can be used: "
        f"{least.total_gib - there:.1f} GiB short"
    )


def _judged(case: _Case) -> Judged:
    point = limits.estimate(case.rig, case.facts, case.catalogue)
    margins = tuple(_margins(case, point))
    lacks = next(_lacks(case, margins), "")
    if lacks:
        return Judged(case.build, None, lacks)
    build = case.build
    machine = Machine(
        device=build.device.id,
        name=build.device.name,
        count=build.count,
        memory_gib=build.total_gib,
        bandwidth_gb_s=build.device.bandwidth_gb_s,
        engine=case.engine,
        quant=case.quant.id,
        margins=margins,
        answers=build.answers,
        tok_s=point.total_tok_s.value if point else None,
        tok_s_low=point.total_tok_s.low if point else None,
        tok_s_high=point.total_tok_s.high if point else None,
    )
    return Judged(build, machine)


def _margins(case: _Case, point: SpeedPoint | None) -> Iterator[Margin]:
    yield from _memory(case)
    if point is None:
        return
    pace, first = point.tok_s_per_user, point.ttft_ms
    if case.need.tokens_per_user and pace.value is not None:
        asked, low = case.need.tokens_per_user, pace.low or 0.0
        assumed = case.need.target.tok_s_per_user is None
        spare, sure = pace.value / asked - 1, low >= asked
        yield Margin(
            "tokens-per-user", pace.value, pace.low, pace.high, asked, spare, sure, assumed
        )
    if case.need.target.ttft_ms and first.value is not None:
        within, high = case.need.target.ttft_ms, first.high or first.value
        spare = 1 - first.value / within
        yield Margin(
            "first-token", first.value, first.low, first.high, within, spare, high <= within
        )


def _memory(case: _Case) -> Iterator[Margin]:
    """A pool takes all that is left: of it what everybody's conversation needs is counted."""
    chosen = case.engine, case.model, case.quant, case.facts, case.catalogue
    needed, room = memory(*chosen), room_gib(*chosen)
    if not needed.available_gib or room is None:
        return
    total, holds, limit = needed.total_gib, None, needed.available_gib
    if case.catalogue.engines[case.engine].kv == "pool":
        cache = kept(*chosen)
        holds, total = cache.talks(room), limit - room + cache.grown_gib
    spare = 1 - total / limit
    yield Margin("memory", total, None, None, limit, spare, sure=spare >= 0, holds=holds)


def _lacks(case: _Case, margins: Sequence[Margin]) -> Iterator[str]:
    """What is missing, the gravest first."""
    quant, least = case.quant, given.load().precision
    if quant.quality < least.quality and case.facts.quant is None:
        yield f"only {quant.id} fits, of {number(quant.bits_per_weight)} bits per weight"
    wanted = case.need.requests
    held = slots(case.engine, case.model, quant, case.facts, case.catalogue)
    if held < wanted:
        grown = HALF_GROWN if case.catalogue.engines[case.engine].kv == "pool" else ""
        yield f"{case.name} holds {held} of {counted(wanted, 'conversation')} at once{grown}"
    found = {margin.what: margin for margin in margins}
    yield from _slow(case, found.get("tokens-per-user"))
    yield from _late(case, found.get("first-token"))


def _slow(case: _Case, margin: Margin | None) -> Iterator[str]:
    asked = case.need.tokens_per_user
    if asked is None:
        return
    if margin is None:
        yield f"nothing is known of {case.name}'s speed there"
    elif margin.spare < 0:
        yield (
            f"{case.name} is estimated at {number(margin.value)} tokens/s for each, "
            f"{number(asked)} are wanted"
        )


def _late(case: _Case, margin: Margin | None) -> Iterator[str]:
    within = case.need.target.ttft_ms
    if within is None:
        return
    if margin is None:
        yield f"nothing is known of {case.name}'s first token there"
    elif margin.spare < 0:
        yield (
            f"{case.name}'s first token is estimated after {number(margin.value)} ms, "
            f"{number(within)} are wanted"
        )

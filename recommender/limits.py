"""What rules an engine out: hard limits, nothing that fits, a target missed, a measurement.

Hard limits are part of the table; the rest depends on model, machine and measurements and strikes
engines out of the ranking without building it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recommender import measured, recalled, refine, underneath
from recommender.absence import absence
from recommender.catalogue import Catalogue, Model, Quant
from recommender.choose import choose, closest, relevant
from recommender.estimate import speed
from recommender.estimate.load import Talk
from recommender.estimate.memory import memory
from recommender.evidence import Measurement
from recommender.facts import Facts
from recommender.house import Charge, Decision
from recommender.measured import Target
from recommender.recommendation import Reason, Rejection, SpeedPoint
from recommender.refine import Refined
from recommender.rulebook import Rulebook
from recommender.schema import DeviceLimit
from recommender.wording import number

Choice = tuple[Model, Quant]


@dataclass(frozen=True, slots=True)
class Rig:
    """One engine with what it would serve here. `choice` None: no variant of a model fits.

    `heard`: what was measured of it but decides nothing yet (`trust`), where nothing else was.
    `runner`: what was measured of the engine that this one runs underneath, if it was not itself.
    `refined`: what measurements of it on this machine, of whatever model, do to its estimate.
    """

    engine: str
    choice: Choice | None
    measurement: Measurement | None = None
    runner: Measurement | None = None
    refined: Refined | None = None
    heard: Measurement | None = None

    @property
    def shown(self) -> Measurement | None:
        """What a page shows as measured, whether or not it decides."""
        return self.measurement or self.heard


@dataclass(frozen=True, slots=True)
class Strikes:
    """Why engines are struck out of the ranking, in three strengths."""

    fit: Mapping[str, Reason]  # the device's generation, the format or the memory forbids it
    missed: Mapping[str, Reason]  # the target, measured or estimated
    beaten: Mapping[str, Reason]

    def all(self) -> dict[str, Reason]:
        return {**self.beaten, **self.missed, **self.fit}


def rigs(
    decision: Decision,
    facts: Facts,
    catalogue: Catalogue,
    found: Sequence[Measurement],
    near: Sequence[Measurement] = (),
) -> tuple[Rig, ...]:
    """Each engine that can run, with the model variant it would get, best ranked first. `near`:
    what was measured on this machine, of whatever model. What does not bear is heard, no more."""
    asked = relevant(facts, catalogue)
    bearing = [m for m in found if m.bears]
    beside = [m for m in near if m.bears]
    made = (_rig(engine, asked, catalogue, bearing, beside) for engine in decision.possible())
    return tuple(_with_heard(rig, found) for rig in made)


def _with_heard(rig: Rig, found: Sequence[Measurement]) -> Rig:
    if rig.measurement or rig.choice is None or not found:
        return rig
    model, quant = rig.choice
    return replace(rig, heard=measured.of_engine(found, rig.engine, model.id, quant.id))


def _rig(
    engine: str,
    facts: Facts,
    catalogue: Catalogue,
    found: Sequence[Measurement],
    near: Sequence[Measurement],
) -> Rig:
    choice = choose(engine, facts, catalogue)
    if choice is None:
        return Rig(engine, None)
    model, quant = choice
    own = measured.of_engine(found, engine, model.id, quant.id)
    under = None if own else underneath.of(found, engine, model.id, quant.id)
    moved = refine.refined(engine, recalled.load(facts), catalogue, near) if near else None
    return Rig(engine, choice, own, under, moved)


def strikes(book: Rulebook, rigs: Sequence[Rig], facts: Facts, catalogue: Catalogue) -> Strikes:
    found = ((rig.engine, _unfit(book, rig, facts, catalogue)) for rig in rigs)
    fit = {engine: reason for engine, reason in found if reason is not None}
    target = Target(facts.tokens_per_user, facts.ttft_ms)
    missed = {}
    for rig in rigs if target else ():
        reason = _missed(book, rig, facts, catalogue, target) if rig.choice else None
        if reason is not None:
            missed[rig.engine] = reason
    return Strikes(fit, missed, _beaten(book, rigs, facts))


def first_fitting(
    book: Rulebook, ranking: Sequence[str], facts: Facts, catalogue: Catalogue
) -> str | None:
    """The first engine of `fitting`, whatever target it misses; looks no further."""
    return next((rig.engine for rig in each_fitting(book, ranking, facts, catalogue)), None)


def fitting(
    book: Rulebook, ranking: Sequence[str], facts: Facts, catalogue: Catalogue
) -> tuple[Rig, ...]:
    """Engines that neither the device nor its memory rules out, best ranked first; nothing was
    measured."""
    return tuple(each_fitting(book, ranking, facts, catalogue))


def each_fitting(
    book: Rulebook, ranking: Sequence[str], facts: Facts, catalogue: Catalogue
) -> Iterator[Rig]:
    asked = relevant(facts, catalogue)
    for engine in ranking:
        choice = choose(engine, asked, catalogue)
        if choice is not None and generation(book, engine, facts, catalogue) is None:
            yield Rig(engine, choice)


def _unfit(book: Rulebook, rig: Rig, facts: Facts, catalogue: Catalogue) -> Reason | None:
    """Not for this generation of device, in no form that it loads, or too large."""
    limit = generation(book, rig.engine, facts, catalogue)
    if limit is not None:
        source = book.sources[limit.source]
        return Reason(limit.id, source.id, limit.text, source.url, source.title)
    return None if rig.choice else _too_large(book, rig, facts, catalogue)


def generation(
    book: Rulebook, engine: str, facts: Facts, catalogue: Catalogue
) -> DeviceLimit | None:
    """What keeps the engine from this generation of device."""
    device = catalogue.device(facts.device, facts.hardware) if facts.device else None
    if device is None:
        return None
    return next((x for x in book.device_limits if x.engine == engine and x.bars(device)), None)


def _too_large(book: Rulebook, rig: Rig, facts: Facts, catalogue: Catalogue) -> Reason:
    name, nearest = book.engines[rig.engine].name, closest(rig.engine, facts, catalogue)
    if nearest is None:
        rule, text = absence(rig.engine, name, facts, catalogue)
        return Reason(rule, "catalogue", text)
    need = memory(rig.engine, *nearest, facts, catalogue)
    return Reason("limit.memory", "catalogue", f"{name}, {nearest[1].id}: {need.note}")


def _missed(
    book: Rulebook, rig: Rig, facts: Facts, catalogue: Catalogue, target: Target
) -> Reason | None:
    """Measured beats estimated: where a measurement can tell, the estimate is not asked."""
    name, users = book.engines[rig.engine].name, facts.users or 1
    told = rig.measurement and measured.verdict(rig.measurement, users, target)
    if rig.measurement and told:
        met, point = told
        got = measured.figures(rig.measurement, point)
        text = f"Measured: {name} gave {got}; asked was {target.sentence()}."
        return None if met else measured.reason(rig.measurement, text)
    estimated = (
        estimate(rig, facts, catalogue) if falls_short(rig, facts, catalogue, target) else None
    )
    if estimated is None:
        return None
    text = f"{name} is estimated at {_figures(estimated)}; asked was {target.sentence()}."
    if rig.runner and estimated != _uncapped(rig, facts, catalogue):
        return underneath.reason(rig.runner, rig.engine, text)
    return Reason("limit.target", "estimate", text, title="the speed model")


def falls_short(rig: Rig, facts: Facts, catalogue: Catalogue, target: Target) -> bool:
    """Whether the estimate misses what no measurement could tell."""
    left = measured.unproven(rig.measurement, facts.users or 1, target)
    return left.met(*expected(rig, facts, catalogue)) is False


def estimates(rig: Rig, facts: Facts, catalogue: Catalogue) -> tuple[SpeedPoint, ...]:
    """Over clients, as a page shows them."""
    points = recalled.curve(rig.engine, rig.choice, facts, catalogue) if rig.choice else ()
    moved = (_refined(point, rig, facts, catalogue) for point in points)
    return tuple(underneath.capped(point, rig.runner, rig.engine) for point in moved)


def _refined(point: SpeedPoint, rig: Rig, facts: Facts, catalogue: Catalogue) -> SpeedPoint:
    if rig.refined is None or rig.choice is None:
        return point
    model, quant = rig.choice
    return refine.applied(point, rig.refined, model.id, quant.id, facts, catalogue)


def like_measured(rig: Rig, facts: Facts, catalogue: Catalogue) -> tuple[SpeedPoint, ...]:
    """Estimated for the very clients, tokens and slots that were measured."""
    done = rig.measurement
    if rig.choice is None or done is None or not done.points:
        return ()
    clients = tuple(point.clients for point in done.points)
    slots = max(clients) if done.variant == "tuned" else None
    talk = Talk(done.prompt_tokens, done.output_tokens)
    chosen = rig.engine, *rig.choice, facts, catalogue
    return speed.points(*chosen, slots=slots, clients=clients, talk=talk)


def estimate(rig: Rig, facts: Facts, catalogue: Catalogue) -> SpeedPoint | None:
    """At the stated users alone; None where nothing can be said."""
    point = _uncapped(rig, facts, catalogue)
    return point and underneath.capped(point, rig.runner, rig.engine)


def expected(rig: Rig, facts: Facts, catalogue: Catalogue) -> tuple[float | None, float | None]:
    """Tokens/s for each and ms to the first token: the values of `estimate`, found without its
    intervals where no measurement bears on them. None: not known."""
    if rig.choice is None:
        return None, None
    if rig.runner is None and rig.refined is None:
        return recalled.expected(rig.engine, rig.choice, facts, catalogue)
    point = estimate(rig, facts, catalogue)
    return (point.tok_s_per_user.value, point.ttft_ms.value) if point else (None, None)


def _uncapped(rig: Rig, facts: Facts, catalogue: Catalogue) -> SpeedPoint | None:
    if rig.choice is None:
        return None
    point = recalled.estimate(rig.engine, rig.choice, facts, catalogue)
    return point and _refined(point, rig, facts, catalogue)


def at_users(points: Sequence[SpeedPoint], users: int) -> SpeedPoint | None:
    return next((p for p in points if p.clients == users), None)


def _figures(point: SpeedPoint) -> str:
    tok_s, ttft = point.tok_s_per_user, point.ttft_ms
    parts = []
    if tok_s.value is not None:
        parts.append(f"{_interval(tok_s.value, tok_s.low, tok_s.high)} tokens/s for each")
    if ttft.value is not None:
        parts.append(f"a first token after {_interval(ttft.value, ttft.low, ttft.high)} ms")
    return f"{' and '.join(parts)} at {point.clients} at once"


def _interval(value: float, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return number(value)
    return f"{number(value)} ({number(low)} to {number(high)})"


def _beaten(book: Rulebook, rigs: Sequence[Rig], facts: Facts) -> dict[str, Reason]:
    """Engines measured clearly worse, in what was put first, than another on the same machine."""
    users, result = facts.users or 1, {}
    points = [(r, m, p) for r in rigs if (m := r.measurement) and (p := measured.at(m, users))]
    for rig, _, mine in points:
        for other, proof, theirs in points:
            pair = _comparable(rig, other) and measured.beaten(mine, theirs, facts.priority)
            if pair:
                text = _worse(book, rig, other, pair, facts)
                result[rig.engine] = measured.reason(proof, text)
    return result


def _comparable(rig: Rig, other: Rig) -> bool:
    a, b = rig.measurement, other.measurement
    return bool(a and b and measured.comparable(a, b))


def _worse(book: Rulebook, rig: Rig, other: Rig, pair: tuple[float, float], facts: Facts) -> str:
    mine, theirs = (number(figure) for figure in pair)
    unit = "tokens/s in all" if facts.priority == "throughput" else "ms to the first token"
    names = book.engines[rig.engine].name, book.engines[other.engine].name
    return f"Measured on the same machine: {names[0]} {mine} {unit}, {names[1]} {theirs}."


def rejections(
    book: Rulebook, decision: Decision, struck: Mapping[str, Reason]
) -> tuple[Rejection, ...]:
    """All engines that are out, with every reason and its source."""
    result = []
    for engine in decision.ranking:
        reasons = [charged(book, c, engine) for c in decision.charges(engine, "limit")]
        reasons += [struck[engine]] if engine in struck else []
        if reasons:
            result.append(Rejection(engine, tuple(reasons)))
    return tuple(result)


def charged(book: Rulebook, charge: Charge, engine: str) -> Reason:
    """A charge as a reason, with the engine's name and, for a limit, what would help."""
    source = book.sources[charge.source]
    text = charge.text.replace("{engine}", book.engines[engine].name)
    instead = next((x.instead for x in book.limits if x.id == charge.id), "")
    whole = f"{text} {instead}".strip()
    return Reason(charge.id, source.id, whole, source.url, source.title)

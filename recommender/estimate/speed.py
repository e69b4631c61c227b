"""How fast: tokens/s for each user and in all, and the wait for the first, over clients at once.

Clients ask again as soon as they are answered (closed loop), with prompts and answers as long
as `load.TALK` says. What is beyond the engine's slots or the room for its cache waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log2

from recommender.catalogue import Backend, Catalogue, Guess, Model, Quant
from recommender.estimate import fitted, load, memory
from recommender.estimate.machine import Machine, backend_of
from recommender.estimate.step import Case, case
from recommender.facts import Facts
from recommender.recommendation import Basis, Figure, SpeedPoint

CLIENTS = (1, 2, 4, 8, 16, 32)
GUESSES: tuple[Guess, ...] = ("value", "low", "high")
ONLY: tuple[Guess, ...] = ("value",)  # where the device is known
RATE, TIME = "tok/s", "ms"
MANY = 8  # clients from which on the interval of loads holds whole
Span = tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Served:
    """What one number of clients gets. None: not known. `waits`: the share of the first token's
    time that is spent on others rather than on one's own prompt."""

    user: float | None
    total: float | None
    ttft_ms: float | None
    waits: float = 0.0


def points(
    engine_id: str,
    model: Model,
    quant: Quant,
    facts: Facts,
    catalogue: Catalogue,
    *,
    slots: int | None = None,
    clients: tuple[int, ...] = (),
    talk: load.Talk = load.TALK,
) -> tuple[SpeedPoint, ...]:
    """Speed over clients, the stated users among them. Empty where nothing can be said: the
    machine is not known, the model does not fit, or the engine has no constants for it.

    `slots`: requests at once; by default as many as the recipe sets (`memory.slots`).
    `clients`: only these numbers of them. `talk`: how long prompts and answers are.
    `tok_s_per_user` is the pace once the answer has begun; waiting for a slot is in `ttft_ms`.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    found = _found(engine_id, model, quant, facts, catalogue)
    if found is None:
        return ()
    machine, backend = found
    at_once = slots or memory.slots(engine_id, model, quant, facts, catalogue)
    guesses = ONLY if machine.device else GUESSES
    cases = [case(engine_id, model, quant, machine, backend, guess) for guess in guesses]
    cases, note = _over_machines(cases, load.nodes(machine.gpus), machine.note)
    ladder = clients or _ladder(load.users(facts))
    return tuple(_point(n, at_once, cases, note, talk) for n in ladder)


def middle(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Served | None:
    """The values of the point that `points` has for the stated users, without their intervals:
    who asks only whether a target is met need not wait for those.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    found = _found(engine_id, model, quant, facts, catalogue)
    if found is None:
        return None
    at_once = memory.slots(engine_id, model, quant, facts, catalogue)
    return served(case(engine_id, model, quant, *found), load.users(facts), at_once)


def _found(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> tuple[Machine, Backend] | None:
    """What it runs on, if that is known and holds the model."""
    machine = memory.working(engine_id, model, quant, facts, catalogue)
    backend = backend_of(engine_id, machine, catalogue) if machine else None
    if machine is None or backend is None:
        return None
    fits = memory.fits(engine_id, model, quant, facts, catalogue)
    return None if fits is False else (machine, backend)


def _over_machines(cases: list[Case], nodes: int, note: str) -> tuple[list[Case], str]:
    """Nobody knows the network between machines: at worst they take turns."""
    if nodes == 1:
        return cases, note
    wide = f"A wide estimate: the network between the {nodes} machines decides."
    return [*cases, min(cases, key=_speed).in_turn(nodes)], f"{wide} {note}".strip()


def _speed(one: Case) -> float:
    return float(one.work.bytes_s)


def served(one: Case, clients: int, at_once: int, talk: load.Talk = load.TALK) -> Served:
    """The closed loop at steady state: every prompt that comes in holds up everybody's answers."""
    prompt = one.prefill(talk.prompt)
    if one.model.embedding_only:
        first = None if prompt is None else 1000 * clients * prompt
        return Served(None, None, first, 1 - 1 / clients)
    running = min(clients, at_once)
    step = one.step(running, talk.tokens)
    if step is None:
        return Served(None, None, None)
    held_up = running * (prompt or 0.0)
    turn = talk.output * step + held_up
    pace = step + (held_up - (prompt or 0.0)) / talk.output
    user, total = 1 / pace, running * talk.output / turn
    if prompt is None:
        return Served(user, total, None)
    waits = (clients - running) / running * turn
    first = prompt * (1 + held_up / turn * (running - 1)) + step + waits
    return Served(user, total, 1000 * first, (step + waits) / first)


def _ladder(users: int) -> tuple[int, ...]:
    clients, doubled = {*CLIENTS, users}, CLIENTS[-1] * 2
    while doubled < users:
        clients.add(doubled)
        doubled *= 2
    return tuple(sorted(clients))


def _point(clients: int, at_once: int, cases: list[Case], note: str, talk: load.Talk) -> SpeedPoint:
    running = min(clients, at_once)
    rates = [_spans(one, clients, running, at_once, talk) for one in cases]
    if clients > at_once:
        which = "the one slot" if at_once == 1 else f"one of {at_once} slots"
        note = f"{clients - at_once} of {clients} wait for {which}. {note}".strip()
    return SpeedPoint(
        clients=clients,
        tok_s_per_user=_figure([rate[0] for rate in rates], RATE, note),
        total_tok_s=_figure([rate[1] for rate in rates], RATE, note),
        ttft_ms=_figure([rate[2] for rate in rates], TIME, note),
    )


def _spans(
    one: Case, clients: int, running: int, at_once: int, talk: load.Talk
) -> tuple[Span, Span, Span]:
    """Per user, in all and first token: value, low, high by the fit's intervals, and never faster
    than the memory delivers."""
    got = served(one, clients, at_once, talk)
    low, high = spread(one, running)
    slow, fast = fitted.interval("prefill", one.traits)
    most = 1 / one.least_s(running, talk.tokens)
    slow, fast = (_between(a, b, got.waits) for a, b in ((slow, low), (fast, high)))
    return (
        _span(got.user, low, high, most),
        _span(got.total, low, high, running * most),
        _span(got.ttft_ms, 1 / fast, 1 / slow),
    )


def spread(one: Case, running: int) -> tuple[float, float]:
    """Factors on a rate: of one stream, of many at once, and between the two for a few."""
    alone, many = (fitted.interval(kind, one.traits) for kind in ("decode", "concurrent"))
    share = min(1.0, log2(max(1, running)) / log2(MANY))
    return _between(alone[0], many[0], share), _between(alone[1], many[1], share)


def _between(one: float, other: float, share: float) -> float:
    return float(one ** (1 - share) * other**share)


def _span(value: float | None, low: float, high: float, most: float = inf) -> Span:
    if value is None:
        return None
    return value, value * low, max(value, min(value * high, most))


def _figure(spans: list[Span], unit: str, note: str) -> Figure:
    """The first case's value; low and high over all cases."""
    first = spans[0]
    if first is None:
        why = "not known: the device's arithmetic speed, or this kind of model, has no such figure"
        return Figure(None, None, None, unit, Basis.UNKNOWN, why)
    known = [span for span in spans if span is not None]
    low, high = min(span[1] for span in known), max(span[2] for span in known)
    return Figure(first[0], low, high, unit, Basis.ESTIMATED, note)

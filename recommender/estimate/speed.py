"""How fast: tokens/s for each user and in all, and the wait for the first, over clients at once.

Clients ask again as soon as they are answered (closed loop), with prompts and answers as long
as `load.TALK` says. What is beyond the engine's slots or the room for its cache waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from recommender.catalogue import Catalogue, Guess, Model, Quant
from recommender.estimate import load, memory
from recommender.estimate.machine import backend_of, resolve
from recommender.estimate.step import Case, case
from recommender.facts import Facts
from recommender.recommendation import Basis, Figure, SpeedPoint

CLIENTS = (1, 2, 4, 8, 16, 32)
GUESSES: tuple[Guess, ...] = ("value", "low", "high")
RATE, TIME = "tok/s", "ms"
Three = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Served:
    """What one number of clients gets. None: not known."""

    user: float | None
    total: float | None
    ttft_ms: float | None


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
    machine = resolve(facts, catalogue)
    backend = backend_of(engine_id, machine, catalogue) if machine else None
    if machine is None or backend is None:
        return ()
    if memory.memory(engine_id, model, quant, facts, catalogue).fits is False:
        return ()
    at_once = slots or memory.slots(engine_id, model, quant, facts, catalogue)
    cases = [case(engine_id, model, quant, machine, backend, guess) for guess in GUESSES]
    cases, note = _over_machines(cases, load.nodes(machine.gpus), machine.note)
    ladder = clients or _ladder(load.users(facts))
    return tuple(_point(n, at_once, cases, note, talk) for n in ladder)


def _over_machines(cases: list[Case], nodes: int, note: str) -> tuple[list[Case], str]:
    """Nobody knows the network between machines: at worst they take turns."""
    if nodes == 1:
        return cases, note
    value, slow, fast = cases
    flops = None if slow.prefill_flops is None else slow.prefill_flops / nodes
    turns = replace(slow, bytes_s=slow.bytes_s / nodes, prefill_flops=flops)
    wide = f"A wide estimate: the network between the {nodes} machines decides."
    return [value, turns, fast], f"{wide} {note}".strip()


def served(one: Case, clients: int, at_once: int, talk: load.Talk = load.TALK) -> Served:
    """The closed loop at steady state: every prompt that comes in holds up everybody's answers."""
    if one.model.embedding_only:
        prompt = one.prefill(talk.prompt)
        return Served(None, None, None if prompt is None else 1000 * clients * prompt)
    running = min(clients, at_once)
    step, prompt = one.step(running, talk.tokens), one.prefill(talk.prompt)
    if step is None:
        return Served(None, None, None)
    held_up = running * (prompt or 0.0)
    turn = talk.output * step + held_up
    waits = (clients - running) / running * turn
    first = None if prompt is None else prompt * (1 + held_up / turn * (running - 1)) + step + waits
    pace = step + (held_up - (prompt or 0.0)) / talk.output
    return Served(1 / pace, running * talk.output / turn, None if first is None else 1000 * first)


def _ladder(users: int) -> tuple[int, ...]:
    clients, doubled = {*CLIENTS, users}, CLIENTS[-1] * 2
    while doubled < users:
        clients.add(doubled)
        doubled *= 2
    return tuple(sorted(clients))


def _point(clients: int, at_once: int, cases: list[Case], note: str, talk: load.Talk) -> SpeedPoint:
    value, slow, fast = (served(one, clients, at_once, talk) for one in cases)
    if clients > at_once:
        which = "the one slot" if at_once == 1 else f"one of {at_once} slots"
        note = f"{clients - at_once} of {clients} wait for {which}. {note}".strip()
    return SpeedPoint(
        clients=clients,
        tok_s_per_user=_figure((value.user, slow.user, fast.user), RATE, note),
        total_tok_s=_figure((value.total, slow.total, fast.total), RATE, note),
        ttft_ms=_figure((value.ttft_ms, slow.ttft_ms, fast.ttft_ms), TIME, note),
    )


def _figure(numbers: Three, unit: str, note: str) -> Figure:
    value = numbers[0]
    if value is None:
        why = "not known: the device's arithmetic speed, or this kind of model, has no such figure"
        return Figure(None, None, None, unit, Basis.UNKNOWN, why)
    span = [number for number in numbers if number is not None]
    return Figure(value, min(span), max(span), unit, Basis.ESTIMATED, note)

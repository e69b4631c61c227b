"""What it takes: weights, cache, buffers and overhead, as parts that add up."""

from __future__ import annotations

from math import floor

from recommender.catalogue import GIB, Catalogue, Engine, Model, Quant
from recommender.estimate import buffers, kv, load
from recommender.estimate.machine import Machine, backend_of, resolve
from recommender.estimate.weights import variant_of, weights_bytes
from recommender.facts import Facts
from recommender.recommendation import Memory, MemoryPart

WAYS = "Ways out: "
OVERHEAD_GIB = 0.5  # where the machine is not known


def memory(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Memory:
    """GiB over all accelerators together, for the stated users and context.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    machine = resolve(facts, catalogue)
    engine = catalogue.engines[engine_id]
    fixed = _fixed_parts(engine, model, quant, facts, machine, catalogue)
    available = _available(engine, machine)
    cache = _cache(engine, model, facts, None if available is None else available - _sum(fixed))
    parts = (fixed[0], cache, *fixed[1:])
    total = _sum(parts)
    fits = None if available is None else total <= available
    note = _note(model, parts, total, available, machine)
    return Memory(parts=parts, total_gib=total, available_gib=available, fits=fits, note=note)


def fits(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> bool | None:
    """Whether it fits, as `memory` says, without a word: choosing asks it of every candidate.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    engine, machine = catalogue.engines[engine_id], resolve(facts, catalogue)
    available = _available(engine, machine)
    if available is None:
        return None
    fixed = tuple(
        _rounded(size) for size in _fixed_bytes(engine, model, quant, facts, machine, catalogue)
    )
    room = available - round(sum(fixed), 3)
    cache = _rounded(_cache_bytes(engine, model, facts, room)[0])
    return round(sum((fixed[0], cache, *fixed[1:])), 3) <= available


def _fixed_parts(
    engine: Engine,
    model: Model,
    quant: Quant,
    facts: Facts,
    machine: Machine | None,
    catalogue: Catalogue,
) -> tuple[MemoryPart, ...]:
    weights, buffers, itself = _fixed_bytes(engine, model, quant, facts, machine, catalogue)
    return (
        _part("weights", f"Weights, {quant.id}", weights, f"{weights / 1e9:.1f} GB"),
        _part("compute", "Compute buffers", buffers),
        _part("overhead", "The engine itself", itself),
    )


def _fixed_bytes(
    engine: Engine,
    model: Model,
    quant: Quant,
    facts: Facts,
    machine: Machine | None,
    catalogue: Catalogue,
) -> tuple[float, float, float]:
    """Weights, compute buffers, the engine itself: bytes over all accelerators."""
    gpus = machine.gpus if machine else (facts.gpus or 1)
    return (
        weights_bytes(model, variant_of(engine.id, quant)),
        gpus * buffers.compute_bytes(engine.id, model, *buffers.of_engine(engine.id).on(machine)),
        gpus * _overhead(engine.id, machine, catalogue),
    )


def _overhead(engine_id: str, machine: Machine | None, catalogue: Catalogue) -> float:
    if catalogue.engines[engine_id].kv == "pool":
        return buffers.of_engine(engine_id).context_gib * GIB  # graphs lie outside of its share
    backend = backend_of(engine_id, machine, catalogue) if machine else None
    return (OVERHEAD_GIB if backend is None else backend.overhead_gib) * GIB


def _available(engine: Engine, machine: Machine | None) -> float | None:
    if machine is None or machine.usable_gib is None:
        return None
    if engine.kv != "pool" or machine.memory_gib is None:
        return machine.usable_gib * engine.memory_share
    seen = machine.memory_gib * buffers.visible_share(machine)
    return min(machine.usable_gib, seen) * engine.memory_share


def slots(engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue) -> int:
    """Requests the recipe lets the engine work on at once: one for each person, as far as its cache
    and the engine's limit allow; as shipped while nobody said how many. Never fewer than one.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    engine = catalogue.engines[engine_id]
    if facts.users is None and engine.kv == "slots":
        return engine.slots_as_shipped  # they share one conversation's cache
    wanted = min(facts.users or engine.slots_as_shipped, engine.slots_limit)
    room = room_gib(engine_id, model, quant, facts, catalogue)
    return wanted if room is None else max(1, min(wanted, _held(engine, model, facts, room)))


def room_gib(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> float | None:
    """What is left for the cache, below 0 where not even the weights fit; None: nobody knows.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    engine, machine = catalogue.engines[engine_id], resolve(facts, catalogue)
    available = _available(engine, machine)
    if available is None:
        return None
    fixed = _fixed_bytes(engine, model, quant, facts, machine, catalogue)
    return available - round(sum(_rounded(size) for size in fixed), 3)


def _held(engine: Engine, model: Model, facts: Facts, room_gib: float) -> int:
    """Conversations whose cache fits. A slot is reserved whole; in a pool they grow, and are on
    average half as long as they may become."""
    tokens = load.context(facts, model)
    one = kv.bytes_of(model, tokens if engine.kv == "slots" else tokens / 2)
    return int((room_gib * GIB - _once(engine, model)) / one)


def _cache(engine: Engine, model: Model, facts: Facts, room_gib: float | None) -> MemoryPart:
    """llama.cpp and Ollama reserve every slot; a paged pool holds what there is room for."""
    tokens, wanted = load.context(facts, model), min(load.users(facts), engine.slots_limit)
    size, whole = _cache_bytes(engine, model, facts, room_gib)
    note = f"{whole} × {tokens:,} tokens, 16 bits"
    if whole < wanted and engine.kv != "slots" and room_gib is not None:
        note = f"a pool of {size / kv.per_token(model, tokens):,.0f} tokens in 16 bits"
    if whole < wanted:
        note += f"; {whole} of {wanted} people at full length, the others wait"
    if model.attention.upper_bound:
        note += "; an upper bound for this model's attention"
    return _part("kv-cache", "KV cache", size, note)


def _cache_bytes(
    engine: Engine, model: Model, facts: Facts, room_gib: float | None
) -> tuple[float, int]:
    """Bytes of the cache, and how many conversations it holds at full length."""
    tokens, wanted = load.context(facts, model), min(load.users(facts), engine.slots_limit)
    one, once = kv.bytes_of(model, tokens), _once(engine, model)
    room = wanted * one if room_gib is None else room_gib * GIB - once
    whole = max(1, min(wanted, int(room / one)))
    if whole < wanted and engine.kv != "slots":
        return max(one, room), whole
    return one * whole + once, whole


def _once(engine: Engine, model: Model) -> float:
    """Bytes of the cache that do not grow with the slots."""
    if engine.kv != "slots":
        return 0.0
    return kv.margin(model, buffers.of_engine(engine.id).batch_tokens)


def _part(part_id: str, label: str, size_bytes: float, note: str = "") -> MemoryPart:
    return MemoryPart(id=part_id, label=label, gib=_rounded(size_bytes), note=note)


def _rounded(size_bytes: float) -> float:
    """GiB, as they are shown: what is shown must add up."""
    return floor(size_bytes / GIB * 1000) / 1000


def _sum(parts: tuple[MemoryPart, ...]) -> float:
    return round(sum(part.gib for part in parts), 3)


def _note(
    model: Model,
    parts: tuple[MemoryPart, ...],
    total: float,
    available: float | None,
    machine: Machine | None,
) -> str:
    if available is None or machine is None:
        return "The machine's memory is not known yet."
    if total <= available:
        return f"Fits, with {available - total:.1f} GiB to spare."
    short = total - available
    return (
        f"Does not fit: the weights of {model.name} are {parts[0].note}, {total:.1f} GiB are "
        f"needed in all; {_there(machine, available)}: {short:.1f} GiB short. "
        + WAYS
        + _ways_out(parts[0], available, machine.gpus)
    )


def without_ways(note: str) -> str:
    """How much it is short, without what to do about it."""
    return note.partition(WAYS)[0].rstrip()


def _there(machine: Machine, available: float) -> str:
    return f"there are {machine.memory_gib:g} GB, of which {available:.1f} GiB can be used"


def _ways_out(weights: MemoryPart, available: float, gpus: int) -> str:
    more = f"{max(gpus + 1, round(gpus * weights.gib * 1.15 / available + 0.5))} of these devices"
    return (
        f"a smaller model or a lower quantisation; {more} or one with more memory; "
        "or a part of the layers on the CPU, several times slower."
    )

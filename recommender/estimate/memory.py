"""What it takes: weights, cache, buffers and overhead, as parts that add up."""

from __future__ import annotations

from math import floor

from recommender.catalogue import GIB, Catalogue, Engine, Model, Quant
from recommender.estimate import buffers, held, parallel
from recommender.estimate.held import Held
from recommender.estimate.machine import Machine, backend_of, resolve
from recommender.estimate.weights import variant_of, weights_bytes
from recommender.facts import Facts
from recommender.recommendation import Memory, MemoryPart

WAYS = "Ways out: "
IDLE = "this model is not shared out evenly over so many"
OVERHEAD_GIB = 0.5  # where the machine is not known


def memory(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Memory:
    """GiB over all accelerators together, for the stated users and context.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    machine = working(engine_id, model, quant, facts, catalogue)
    engine = catalogue.engines[engine_id]
    fixed = _fixed_parts(engine, model, quant, facts, machine, catalogue)
    available = _available(engine, machine)
    cache = _cache(
        kept(engine_id, model, quant, facts, catalogue),
        None if available is None else available - _sum(fixed),
    )
    parts = (fixed[0], cache, *fixed[1:])
    total = _sum(parts)
    fits = None if available is None else total <= available
    note = _note(model, parts, total, available, machine, _idle(machine, facts))
    return Memory(parts=parts, total_gib=total, available_gib=available, fits=fits, note=note)


def working(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Machine | None:
    """The machine, as far as the engine can use it for this model; None while nobody knows it.

    Raises:
        ValueError: the device is unknown.
    """
    machine = resolve(facts, catalogue)
    return None if machine is None else parallel.working(engine_id, model, quant, machine)


def fits(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> bool | None:
    """Whether it fits, as `memory` says, without a word: choosing asks it of every candidate.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    engine = catalogue.engines[engine_id]
    machine = working(engine_id, model, quant, facts, catalogue)
    available = _available(engine, machine)
    if available is None:
        return None
    fixed = tuple(
        _rounded(size) for size in _fixed_bytes(engine, model, quant, facts, machine, catalogue)
    )
    room = available - round(sum(fixed), 3)
    cache = _rounded(kept(engine_id, model, quant, facts, catalogue).taken(room)[0])
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
    return (
        wanted
        if room is None
        else max(1, min(wanted, kept(engine_id, model, quant, facts, catalogue).talks(room)))
    )


def room_gib(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> float | None:
    """What is left for the cache, below 0 where not even the weights fit; None: nobody knows.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    engine = catalogue.engines[engine_id]
    machine = working(engine_id, model, quant, facts, catalogue)
    available = _available(engine, machine)
    if available is None:
        return None
    fixed = _fixed_bytes(engine, model, quant, facts, machine, catalogue)
    return available - round(sum(_rounded(size) for size in fixed), 3)


def kept(engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue) -> Held:
    """The cache of the stated users and context there."""
    shared = parallel.tensor(engine_id, model, quant, facts.gpus or 1)
    return held.of(catalogue.engines[engine_id], model, facts, shared)


def _cache(all_of_it: Held, room_gib: float | None) -> MemoryPart:
    """llama.cpp and Ollama reserve every slot; a paged pool holds what there is room for."""
    size, whole = all_of_it.taken(room_gib)
    return _part("kv-cache", "KV cache", size, all_of_it.note(size, whole, room_gib))


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
    idle: str,
) -> str:
    if available is None or machine is None:
        return "The machine's memory is not known yet."
    if total <= available:
        return f"Fits, with {available - total:.1f} GiB to spare.{idle}"
    short = total - available
    return (
        f"Does not fit: the weights of {model.name} are {parts[0].note}, {total:.1f} GiB are "
        f"needed in all; {_there(machine, available)}: {short:.1f} GiB short.{idle} "
        + WAYS
        + _ways_out(parts[0], available, machine)
    )


def _idle(machine: Machine | None, facts: Facts) -> str:
    """Accelerators that the engine cannot share this model out over."""
    idle = (facts.gpus or 1) - machine.gpus if machine else 0
    if idle <= 0:
        return ""
    stays = "stays" if idle == 1 else "stay"
    return f" {idle} of {facts.gpus} accelerators {stays} idle: {IDLE}."


def without_ways(note: str) -> str:
    """How much it is short, without what to do about it."""
    return note.partition(WAYS)[0].rstrip()


def _there(machine: Machine, available: float) -> str:
    return f"there are {machine.memory_gib:g} GB, of which {available:.1f} GiB can be used"


def _ways_out(weights: MemoryPart, available: float, machine: Machine) -> str:
    """Where memory is shared with the processor, giving it a part of the layers wins nothing."""
    if machine.unified or machine.hardware == "cpu":
        return "a smaller model or a lower quantisation; or a machine with more memory."
    gpus = machine.gpus
    more = f"{max(gpus + 1, round(gpus * weights.gib * 1.15 / available + 0.5))} of these devices"
    return (
        f"a smaller model or a lower quantisation; {more} or one with more memory; "
        "or a part of the layers on the CPU, several times slower."
    )

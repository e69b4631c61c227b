"""What would make it fit, worked out: a smaller form, less cache, more devices, the processor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from recommender.catalogue import GIB, Catalogue, Model, Quant
from recommender.choose import published
from recommender.estimate import buffers, kv, memory, offload, parallel, speed
from recommender.estimate.held import Held
from recommender.estimate.machine import resolve
from recommender.facts import Facts
from recommender.recommendation import Figure, Holds, Memory, WayOut
from recommender.wording import number

CONTEXTS = (2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072)
KV_TYPES = {"llama.cpp": ("q8_0", 8.5), "ollama": ("q8_0", 8.5), "vllm": ("fp8", 8.0)}
KV_TYPES |= {"sglang": ("fp8_e4m3", 8.0), "tensorrt-llm": ("fp8", 8.0)}
MOST_GPUS = 64
SHORTEST = 1024  # tokens; with less a conversation is none


def explained(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Memory:
    """`memory.memory` with how much the cache holds and, where it does not fit, the ways out.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    case = (engine_id, model, quant, facts, catalogue)
    need, machine = memory.memory(*case), memory.working(*case)
    if machine is None or need.available_gib is None:
        return need
    room, kept = memory.room_gib(*case) or 0.0, memory.kept(*case)
    ways = tuple(_ways(*case)) if need.fits is False else ()
    return replace(
        need,
        gpus=machine.gpus,
        nominal_gib=machine.memory_gib,
        short_gib=round(need.total_gib - need.available_gib, 3) if ways else None,
        kv_gib_per_1k_tokens=round(1000 * _per_token(kept) / GIB, 4),
        kv_tokens_fit=int(max(0.0, room) * GIB / _per_token(kept)),
        holds=tuple(_holds(kept, max(0.0, room))),
        note=memory.without_ways(need.note) + _sentence(ways) if ways else need.note,
        ways_out=ways,
    )


def _per_token(kept: Held) -> float:
    return kept.bytes_of(kept.tokens) / kept.tokens


def _holds(kept: Held, room_gib: float) -> Iterator[Holds]:
    for context in CONTEXTS:
        if context <= kept.model.context_max:
            yield Holds(context, int(room_gib * GIB / kept.bytes_of(context)))


def _sentence(ways: tuple[WayOut, ...]) -> str:
    return " Ways out: " + "; ".join(way.text for way in ways) + "."


def _ways(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Iterator[WayOut]:
    case = (engine_id, model, quant, facts, catalogue)
    for way in (_shorter(*case), _smaller_cache(*case), _quant(*case), _wired(*case), _more(*case)):
        if way is not None:
            yield way
    split = offload.split(*case)
    if split is not None:
        yield WayOut(
            id="offload",
            text=f"{split.gpu_layers} of {split.layers} layers on the GPU and the rest on the CPU, "
            f"at about {number(split.tok_s.value or 0)} tokens/s ({_span(split.tok_s)})",
            gpu_layers=split.gpu_layers,
            layers=split.layers,
            tok_s=split.tok_s,
        )


def _span(figure: Figure) -> str:
    return f"{number(figure.low or 0)} to {number(figure.high or 0)}"


def _shorter(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    """The longest conversation that fits, where the weights do."""
    room = memory.room_gib(engine_id, model, quant, facts, catalogue) or 0.0
    kept = memory.kept(engine_id, model, quant, facts, catalogue)
    wanted = kept.tokens
    fitting = [c for c in CONTEXTS if c < wanted and kept.bytes_of(c) <= room * GIB]
    context = max(fitting, default=0)
    if context < SHORTEST:
        return None
    less = replace(facts, context=context)
    return WayOut(
        id="context",
        text=f"conversations of {context:,} tokens instead of {wanted:,}",
        answers=(("context", str(context)),),
        total_gib=memory.memory(engine_id, model, quant, less, catalogue).total_gib,
        context=context,
        tok_s=_tok_s(engine_id, model, quant, less, catalogue),
    )


def _smaller_cache(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    """The same conversation with its cache in about half the bits."""
    name, bits = KV_TYPES.get(engine_id, ("", kv.BITS))
    room = memory.room_gib(engine_id, model, quant, facts, catalogue) or 0.0
    kept = memory.kept(engine_id, model, quant, facts, catalogue)
    size = kv.bytes_of(model, kept.tokens, bits, kept.tensor) / GIB
    if not name or size > room:
        return None
    need = memory.memory(engine_id, model, quant, facts, catalogue)
    cache = next(part.gib for part in need.parts if part.id == "kv-cache")
    total = round(need.total_gib - cache + size, 3)
    text = f"the cache in {bits:g} bits ({name}): {size:.1f} instead of {cache:.1f} GiB"
    return WayOut(id="kv-type", text=text, total_gib=total, kv_type=name)


def _quant(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    """The best published form that fits; of those of equal rank the larger."""
    known = catalogue.quants.values()
    lower = [q for q in known if q.quality < quant.quality and published(engine_id, model, q)]
    fitting = [q for q in lower if memory.fits(engine_id, model, q, facts, catalogue)]
    if not fitting:
        return None
    best = max(fitting, key=lambda q: (q.quality, q.bits_per_weight))
    total = memory.memory(engine_id, model, best, facts, catalogue).total_gib
    tok_s = _tok_s(engine_id, model, best, facts, catalogue)
    return WayOut(
        id="quant",
        text=f"{best.id}, the best quantisation that fits ({total:.1f} GiB in all)",
        answers=(("quant", best.id),),
        total_gib=total,
        quant=best.id,
        tok_s=tok_s,
    )


def _wired(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    """More of a Mac's memory for its GPU than macOS gives it unasked."""
    machine = resolve(facts, catalogue)
    if machine is None or machine.memory_gib is None or machine.backend != "metal":
        return None
    total = memory.memory(engine_id, model, quant, facts, catalogue).total_gib
    least = ceil(total / catalogue.engines[engine_id].memory_share)
    if least > machine.memory_gib - buffers.load().wired.keep_gib:
        return None
    said = f"sudo sysctl iogpu.wired_limit_mb={least * 1024}"
    text = f"{least} GiB of its memory for the GPU, until it is started anew: {said}"
    return WayOut(id="wired-limit", text=text, total_gib=total)


def _more(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    """So many of the same accelerator; of machines with unified memory, one with more of it."""
    machine = resolve(facts, catalogue)
    if machine is None:
        return None
    if machine.unified or machine.hardware == "cpu":
        return _more_memory(engine_id, model, quant, facts, catalogue)
    for gpus in range(machine.gpus + 1, MOST_GPUS + 1):
        several = replace(facts, gpus=gpus)
        if parallel.layout(engine_id, model, quant, gpus).used < gpus:
            continue
        if memory.fits(engine_id, model, quant, several, catalogue):
            total = memory.memory(engine_id, model, quant, several, catalogue).total_gib
            return WayOut(
                id="gpus",
                text=f"{gpus} of these devices ({total / gpus:.1f} GiB on each)",
                answers=(("gpus", str(gpus)),),
                total_gib=total,
                gpus=gpus,
                tok_s=_tok_s(engine_id, model, quant, several, catalogue),
            )
    return None


def _more_memory(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> WayOut | None:
    machine = resolve(facts, catalogue)
    options = machine.device.memory_options_gib if machine and machine.device else ()
    for size in sorted(options or (16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024)):
        larger = replace(facts, memory_gb=size)
        if memory.fits(engine_id, model, quant, larger, catalogue):
            total = memory.memory(engine_id, model, quant, larger, catalogue).total_gib
            return WayOut(
                id="memory",
                text=f"one with {size:g} GB of memory",
                answers=(("memory_gb", f"{size:g}"),),
                total_gib=total,
                tok_s=_tok_s(engine_id, model, quant, larger, catalogue),
            )
    return None


def _tok_s(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Figure | None:
    found = speed.points(engine_id, model, quant, facts, catalogue, clients=(1,))
    return found[0].tok_s_per_user if found else None

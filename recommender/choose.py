"""Which model and quantisation to suggest for an engine, given what is known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from recommender.catalogue import GIB, Catalogue, Default, Engine, Model, Quant
from recommender.estimate.machine import Machine, resolve
from recommender.estimate.memory import fits, kept, memory, room_gib
from recommender.facts import Facts
from recommender.own.model import is_own

Choice = tuple[Model, Quant]
UPGRADES = {"Q4_K_M": "Q8_0", "MLX-4bit": "MLX-8bit", "AWQ": "BF16", "W4A16": "BF16"}
SPARE = 0.4  # of the memory: what the more precise weights may take at most
QUANTISES_TO_FP8 = frozenset({"vllm", "sglang", "tgi"})
"""These quantise 16-bit weights to FP8 while they load them."""

LARGEST_FILE_BYTES = 50e9
"""Of one file on Hugging Face (huggingface.co/docs/hub/repositories-recommendations)."""

HURRIED = "latency"
"""Stands for every wish for speed: of the weights that do, the quickest to read."""

EASY = "simplicity"
"""Of files that people download the usual ones; of a pool's weights the most precise that do."""


@lru_cache(maxsize=8192)
def relevant(facts: Facts, catalogue: Catalogue) -> Facts:
    """Of the facts those on which the choice rests, one for all that choose alike: of purposes
    for which the same models are suggested the first, of all wishes for speed `HURRIED`.
    """
    free = facts.model is None
    return Facts(
        purpose=_alike(facts.purpose, catalogue) if free else None,
        users=facts.users,
        hardware=facts.hardware,
        device=facts.device,
        gpus=facts.gpus,
        memory_gb=facts.memory_gb,
        priority=_pace(facts) if facts.quant is None else None,
        model=facts.model,
        quant=facts.quant,
        context=facts.context,
        gpu_class=facts.gpu_class,
    )


def _pace(facts: Facts) -> str | None:
    """`HURRIED` where speed comes first or a speed was asked for, `EASY`, or None."""
    asked = facts.tokens_per_user is not None or facts.ttft_ms is not None
    if asked or facts.priority in ("latency", "throughput"):
        return HURRIED
    return EASY if facts.priority == EASY else None


@cache
def _alike(purpose: str | None, catalogue: Catalogue) -> str | None:
    """The first purpose for which exactly the same models are suggested."""
    same = [
        p for p in _named(catalogue) if _suggested(p, catalogue) == _suggested(purpose, catalogue)
    ]
    return next(iter(same), None)


def _named(catalogue: Catalogue) -> list[str]:
    """Purposes that some suggestion names; of the others none is told from an unknown one."""
    return sorted({purpose for default in catalogue.defaults for purpose in default.purposes})


def _suggested(purpose: str | None, catalogue: Catalogue) -> tuple[bool, ...]:
    return tuple(_for(default, purpose) for default in catalogue.defaults)


@lru_cache(maxsize=8192)
def choose(engine_id: str, facts: Facts, catalogue: Catalogue) -> Choice | None:
    """The best variant that this engine loads and that fits; None when there is none.

    The model is the visitor's where they named one, else the first suggestion that fits; of its
    forms the first in which an engine with a pool holds everybody's conversation, else the one in
    which fewest wait. Remembered by what it depends on (`relevant`).

    Raises:
        ValueError: a model, quantisation or device that the catalogue does not have.
    """
    tight: list[tuple[int, Choice]] = []
    for choice in _candidates(engine_id, facts, catalogue):
        if tight and choice[0] is not tight[0][1][0]:
            break
        if not _fits(engine_id, choice, facts, catalogue):
            continue
        waiting = _waiting(engine_id, choice, facts, catalogue)
        if not waiting:
            return _upgraded(engine_id, choice, facts, catalogue)
        tight.append((waiting, choice))
    return min(tight, key=lambda pair: pair[0])[1] if tight else None


def _waiting(engine_id: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> int:
    """People for whose conversation a pool has no room while the others talk, counted as the
    recipe and hardware advice count them; slots are cut to what there is."""
    if catalogue.engines[engine_id].kv != "pool":
        return 0
    room = room_gib(engine_id, *choice, facts, catalogue)
    if room is None:
        return 0
    cache = kept(engine_id, *choice, facts, catalogue)
    return max(0, cache.wanted - cache.talks(room))


def closest(engine_id: str, facts: Facts, catalogue: Catalogue) -> Choice | None:
    """The smallest variant, to say by how much it does not fit; None when the engine loads none."""

    def size(choice: Choice) -> float:
        model, quant = choice
        return memory(engine_id, model, quant, facts, catalogue).total_gib

    return min(_candidates(engine_id, facts, catalogue), key=size, default=None)


def why_model(model: Model, facts: Facts, catalogue: Catalogue) -> str:
    """A sentence for the page."""
    if facts.model is not None:
        return f"You asked for {model.name}."
    suggested = next((d for d in catalogue.defaults if d.model == model.id), None)
    reason = suggested.why if suggested else "it fits what is known so far"
    return f"{model.name}: {reason}."


def why_quant(quant: Quant, model: Model, facts: Facts) -> str:
    """A sentence for the page."""
    if facts.quant is not None:
        return f"You asked for {model.name} in {quant.id}."
    return f"{quant.id}: {quant.why}."


def _upgraded(engine_id: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> Choice:
    """With memory to spare, more precise weights, unless speed or ease was put first."""
    model, quant = choice
    richer = UPGRADES.get(quant.id)
    if facts.quant is not None or richer is None or _pace(facts) == HURRIED:
        return choice
    better = model, catalogue.quants[richer]
    there = published(engine_id, *better)
    if not (there and runs_on(engine_id, better[1], resolve(facts, catalogue))):
        return choice
    roomy = _pool_spare if catalogue.engines[engine_id].kv == "pool" else _spare
    return better if roomy(engine_id, better, facts, catalogue) else choice


def _spare(engine_id: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> bool:
    """Whether the weights take little of the memory, and nobody wants what is easiest."""
    need = memory(engine_id, *choice, facts, catalogue)
    if need.available_gib is None or not need.fits or _pace(facts) == EASY:
        return False
    return need.parts[0].gib <= SPARE * need.available_gib


def _pool_spare(engine_id: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> bool:
    """Whether everybody's conversation fits even at full length."""
    room = room_gib(engine_id, *choice, facts, catalogue)
    cache = kept(engine_id, *choice, facts, catalogue)
    if room is None:
        return False
    size, whole = cache.taken(room)
    return whole == cache.wanted and size <= room * GIB


def _candidates(engine_id: str, facts: Facts, catalogue: Catalogue) -> Iterator[Choice]:
    engine = catalogue.engines[engine_id]
    machine = resolve(facts, catalogue)
    for model in _models(facts, machine, catalogue):
        if model.embedding_only and not engine.embeds:
            continue
        for quant in _quants(engine, model, facts, machine, catalogue):
            yield model, quant


def _models(facts: Facts, machine: Machine | None, catalogue: Catalogue) -> Iterator[Model]:
    if facts.model is not None:
        yield _named_model(facts.model, catalogue)
        return
    for default in catalogue.defaults:
        if _suits(default, facts, machine):
            yield catalogue.models[default.model]


def _suits(default: Default, facts: Facts, machine: Machine | None) -> bool:
    if not _for(default, facts.purpose):
        return False
    hardware = _computes_with(machine)
    if default.hardware and hardware is not None and hardware not in default.hardware:
        return False
    return default.memory_gib <= _memory(machine)


def _for(default: Default, purpose: str | None) -> bool:
    """Whether it is suggested for that purpose."""
    if purpose == "embed" and default.purposes != ("embed",):
        return False
    return not default.purposes or purpose in default.purposes


def _computes_with(machine: Machine | None) -> str | None:
    """A small board without an accelerator is as slow as a processor."""
    if machine is None:
        return None
    if machine.backend.startswith("cuda"):
        return "nvidia"
    return "cpu" if machine.backend == "cpu" else machine.hardware


def _memory(machine: Machine | None) -> float:
    """GiB to plan with; where nobody said, what most people have."""
    if machine is not None and machine.usable_gib is not None:
        return machine.usable_gib
    return USUAL_GIB.get(machine.hardware if machine else "", 8.0)


USUAL_GIB = {"cpu": 6.0, "edge": 4.0, "nvidia": 12.0, "amd": 12.0, "apple": 12.0, "intel": 8.0}


def _quants(
    engine: Engine, model: Model, facts: Facts, machine: Machine | None, catalogue: Catalogue
) -> Iterator[Quant]:
    if facts.quant is not None:
        wanted = [_named_quant(facts.quant, catalogue)]
    else:
        wanted = [catalogue.quants[name] for name in engine.prefers]
        wanted.sort(key=lambda quant: _runs_badly(quant, machine))
    named = facts.quant is not None and is_own(model.id)  # whoever names it has it
    for quant in wanted:
        there = published(engine.id, model, quant) or (named and _loads(engine.id, model, quant))
        if there and runs_on(engine.id, quant, machine):
            yield quant


def runs_on(engine_id: str, quant: Quant, machine: Machine | None) -> bool:
    """Whether the engine has kernels for it on this generation of GPU, as far as is known."""
    device = machine.device if machine else None
    if device is None or device.compute_capability is None:
        return True
    return device.compute_capability >= quant.least_capability(engine_id)


def _runs_badly(quant: Quant, machine: Machine | None) -> bool:
    """The hardware does not multiply in that precision: it works, or not, but gains nothing."""
    return machine is not None and quant.compute != "fp16" and quant.compute not in machine.tflops


def published(engine_id: str, model: Model, quant: Quant) -> bool:
    """Whether somebody publishes it in a form that this engine loads, as far as is known here. Of
    a model of one's own nothing is known; GGUF and MLX files anybody can make from its weights."""
    variant = quant.variant(engine_id)
    if variant is None or not _loads(engine_id, model, quant):
        return False
    if is_own(model.id) and variant.format in ("gguf", "mlx"):
        return True
    places = model.repositories
    if variant.format == "gguf":
        tagged = engine_id == "ollama" and quant.id in places.ollama_tags
        in_parts = engine_id == "ollama" and _in_parts(model, quant)
        return tagged or (quant.id in places.gguf_quants and not in_parts)
    if variant.format == "mlx":
        return quant.id in places.mlx
    return _published_safetensors(engine_id, model, quant)


def _in_parts(model: Model, quant: Quant) -> bool:
    """Whether its GGUF file is too large to lie on Hugging Face in one piece. Ollama pulls no
    file in parts from there (github.com/ollama/ollama/issues/5245, seen 2026-11-21)."""
    return (model.params + model.extra_params) * quant.bits_per_weight / 8 > LARGEST_FILE_BYTES


def _loads(engine_id: str, model: Model, quant: Quant) -> bool:
    """Whether the engine loads such a quantisation of such a model, wherever it is."""
    family = not quant.only or model.family in quant.only
    return family and quant.variant(engine_id) is not None


def _published_safetensors(engine_id: str, model: Model, quant: Quant) -> bool:
    if quant.id == model.native or model.folder(quant.id) or quant.only:
        return True
    return quant.id == "FP8" and model.native == "BF16" and engine_id in QUANTISES_TO_FP8


def _fits(engine_id: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> bool:
    return fits(engine_id, *choice, facts, catalogue) is not False


def _named_model(name: str, catalogue: Catalogue) -> Model:
    model = catalogue.model(name)
    if model is None:
        msg = f"model {name!r} is not in the catalogue"
        raise ValueError(msg)
    return model


def _named_quant(name: str, catalogue: Catalogue) -> Quant:
    quant = catalogue.quant(name)
    if quant is None:
        msg = f"quantisation {name!r} is not in the catalogue; it has {', '.join(catalogue.quants)}"
        raise ValueError(msg)
    return quant

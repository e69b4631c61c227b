"""A part of the layers on the processor: how many stay on the accelerator, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.catalogue import GIB, Catalogue, Guess, Model, Quant
from recommender.estimate import buffers, kv, load, machine, memory
from recommender.estimate.step import case
from recommender.estimate.weights import variant_of, weights_bytes
from recommender.facts import Facts
from recommender.recommendation import Basis, Figure

ENGINES = ("llama.cpp", "ollama")
PROCESSORS: dict[Guess, str] = {
    "value": "cpu-ddr5-2ch",
    "low": "cpu-ddr4-2ch",
    "high": "cpu-ddr5-8ch",
}
"""Nobody says which processor is beside the accelerator: a usual desktop's, an older one's, a
workstation's."""
HELD = 0.5  # of a processor's memory bandwidth, where nothing is known of the engine there


@dataclass(frozen=True, slots=True)
class Split:
    """`gpu_layers` (`-ngl`, `num_gpu`) of `layers`; tokens/s of one person."""

    gpu_layers: int
    layers: int
    tok_s: Figure


def split(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Split | None:
    """As many layers on the accelerators as fit. None where it fits whole, where no layer does, or
    for an engine or a machine that cannot share the work so.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    there = machine.resolve(facts, catalogue)
    if engine_id not in ENGINES or there is None or there.usable_gib is None:
        return None
    if there.unified or there.hardware == "cpu":
        return None
    each = _layer_gib(engine_id, model, quant, facts)
    kept = min(model.layers, int(_room_gib(engine_id, model, there, catalogue) / each))
    if not 0 < kept < model.layers:
        return None
    figure = _figure(engine_id, model, quant, facts, catalogue, kept / model.layers)
    return Split(kept, model.layers, figure)


def _layer_gib(engine_id: str, model: Model, quant: Quant, facts: Facts) -> float:
    """Weights and cache of one; embedding and output are spread over them."""
    weights = weights_bytes(model, variant_of(engine_id, quant))
    cache = kv.bytes_of(model, load.context(facts, model))
    return (weights + cache) / model.layers / GIB


def _room_gib(engine_id: str, model: Model, there: machine.Machine, catalogue: Catalogue) -> float:
    assert there.usable_gib is not None
    backend = machine.backend_of(engine_id, there, catalogue)
    itself = memory.OVERHEAD_GIB if backend is None else backend.overhead_gib
    scratch = buffers.compute_bytes(engine_id, model) / GIB
    share = catalogue.engines[engine_id].memory_share
    return there.usable_gib * share - there.gpus * (itself + scratch)


def _figure(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue, share: float
) -> Figure:
    """A token passes the accelerator's layers, then the processor's: their times add."""
    rates = {
        guess: _rate(engine_id, model, quant, facts, catalogue, share, guess)
        for guess in PROCESSORS
    }
    note = "with a desktop processor of two memory channels; down to DDR4, up to a workstation's"
    low, high = (pick(rates.values()) for pick in (min, max))
    return Figure(rates["value"], low, high, "tok/s", Basis.ESTIMATED, note)


def _rate(
    engine_id: str,
    model: Model,
    quant: Quant,
    facts: Facts,
    catalogue: Catalogue,
    share: float,
    guess: Guess,
) -> float:
    there = machine.resolve(facts, catalogue)
    assert there is not None
    processor = machine.of_device(catalogue.devices[PROCESSORS[guess]])
    quick = _step_s(engine_id, model, quant, facts, catalogue, there, guess)
    slow = _step_s(engine_id, model, quant, facts, catalogue, processor, guess)
    return 1 / (share * quick + (1 - share) * slow)


def _step_s(
    engine_id: str,
    model: Model,
    quant: Quant,
    facts: Facts,
    catalogue: Catalogue,
    there: machine.Machine,
    guess: Guess,
) -> float:
    """One whole step there, as if everything fitted."""
    tokens = load.context(facts, model) / 2
    backend = machine.backend_of(engine_id, there, catalogue)
    if backend is not None:
        took = case(engine_id, model, quant, there, backend, guess).step(1, tokens)
        if took is not None:
            return took
    read = weights_bytes(model, variant_of(engine_id, quant)) + kv.bytes_of(model, tokens)
    return read / (there.bandwidth.at(guess) * 1e9 * HELD)

"""How many accelerators an engine can share a model out over: the others stay idle.

Engines for servers cut every matrix into equal parts (tensor parallelism), so the count must suit
the model. A count that does not is not made up for by splitting the layers (pipeline parallelism):
devices then take turns, which is slower than fewer that work together, and nothing measured says
by how much. Only between machines, where a matrix is never shared, layers are split.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from recommender.catalogue import Model, Quant
from recommender.entries import Entry, Sources
from recommender.estimate import load
from recommender.estimate.machine import Machine
from recommender.estimate.traits import family


class _Heads(Entry):
    sources: Sources


class _Block(Entry):
    size: int
    makers: tuple[str, ...]
    native: tuple[str, ...]
    sources: Sources


class _Experts(Entry):
    engines: tuple[str, ...]
    sources: Sources


class Rules(Entry):
    heads: _Heads
    block: _Block
    experts: _Experts


@dataclass(frozen=True, slots=True)
class Layout:
    """The layers are split into `stages`, each matrix of a stage over `tensor` accelerators.
    `whole_experts`: an expert is on one device as a whole, for cut it would not load."""

    tensor: int
    stages: int = 1
    whole_experts: bool = False

    @property
    def used(self) -> int:
        return self.tensor * self.stages


@cache
def rules() -> Rules:
    """Validated.

    Raises:
        pydantic.ValidationError: a rule lacks its source or has an unknown field.
    """
    text = (files("recommender") / "data" / "parallel.toml").read_text("utf-8")
    return Rules.model_validate(tomllib.loads(text))


def layout(engine_id: str, model: Model, quant: Quant, gpus: int) -> Layout:
    """The most of `gpus` accelerators that the engine takes for this model. Engines that hand a
    token from device to device take any number."""
    if family(engine_id) != "server":
        return Layout(1, gpus)
    nodes = load.nodes(gpus)
    for tensor in range(gpus // nodes, 1, -1):
        if _divides(model, quant, tensor):
            if _cuts_experts(model, quant, tensor):
                return Layout(tensor, nodes)
            if engine_id in rules().experts.engines and (model.experts or 1) % tensor == 0:
                return Layout(tensor, nodes, whole_experts=True)
    return Layout(1, nodes)


def working(engine_id: str, model: Model, quant: Quant, machine: Machine) -> Machine:
    """The machine as far as the engine uses it."""
    used = layout(engine_id, model, quant, machine.gpus).used
    if used == machine.gpus:
        return machine
    share = used / machine.gpus
    return replace(
        machine,
        gpus=used,
        memory_gib=None if machine.memory_gib is None else machine.memory_gib * share,
        usable_gib=None if machine.usable_gib is None else machine.usable_gib * share,
    )


def tensor(engine_id: str, model: Model, quant: Quant, gpus: int) -> int:
    """Devices that share every matrix, and so the cache; one where they take turns."""
    return layout(engine_id, model, quant, gpus).tensor


def _divides(model: Model, quant: Quant, tensor: int) -> bool:
    """Heads are shared out evenly; key and value heads too, or each is copied as often."""
    keys = (1,) if model.attention.kind == "mla" else _key_heads(model)
    shared = all(heads % tensor == 0 or tensor % heads == 0 for heads in keys)
    dense = model.experts is not None or model.ffn % (tensor * _block(model, quant)) == 0
    return model.heads % tensor == 0 and shared and dense


def _key_heads(model: Model) -> tuple[int, ...]:
    wide = model.attention.full_kv_heads
    return (model.kv_heads,) if wide is None else (model.kv_heads, wide)


def _cuts_experts(model: Model, quant: Quant, tensor: int) -> bool:
    return (model.expert_ffn or 0) % (tensor * _block(model, quant)) == 0


def _block(model: Model, quant: Quant) -> int:
    """Numbers that share a scale in the weights that are loaded, and cannot be parted."""
    if quant.id != "FP8":
        return 1
    block, copy = rules().block, model.repositories.fp8
    makers = block.native if copy is None else (*block.makers, *block.native)
    return block.size if (copy or model.hf_id).split("/")[0] in makers else 1

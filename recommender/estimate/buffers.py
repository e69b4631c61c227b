"""What memory goes to besides weights and cache: activations, logits, the runtime itself."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from recommender.catalogue import GIB, Model
from recommender.entries import Entry, Sources
from recommender.estimate.machine import Machine

LOGITS_EVERY_TOKEN = {"llama.cpp": 4, "ollama": 4, "mlx-lm": 2}  # bytes; the others: the last one's
LARGE_GIB, LARGE_BATCH, LARGE_SEQUENCES = 70, 8192, 1024  # vLLM's defaults from H100 on


class Visible(Entry):
    name: str
    hardware: tuple[str, ...]
    backend: str | None = None
    datacentre: bool | None = None
    share: float
    sources: Sources


class Buffers(Entry):
    engine: str
    batch_tokens: int
    sequences: int
    context_gib: float
    graphs_gib: float
    sources: Sources


class Tables(Entry):
    visible: tuple[Visible, ...]
    buffers: tuple[Buffers, ...]


@cache
def load() -> Tables:
    """Validated.

    Raises:
        pydantic.ValidationError: an entry lacks its source or has an unknown field.
    """
    text = (files("recommender") / "data" / "memory.toml").read_text("utf-8")
    return Tables.model_validate(tomllib.loads(text))


def of_engine(engine_id: str) -> Buffers:
    return next(b for b in load().buffers if b.engine == engine_id)


def visible_share(machine: Machine) -> float:
    """Of the nominal memory; all of it where nothing else is known."""
    datacentre = machine.device.datacentre if machine.device else False
    for entry in load().visible:
        backend = entry.backend in (None, machine.backend)
        kind = entry.datacentre in (None, datacentre)
        if machine.hardware in entry.hardware and backend and kind:
            return entry.share
    return 1.0


def compute_bytes(
    engine_id: str, model: Model, tokens: int | None = None, sequences: int | None = None
) -> float:
    """Scratch space of one accelerator for `tokens` of prompts in one go: activations of one layer,
    and logits: of every one of these tokens, or of one for each of `sequences`."""
    known = of_engine(engine_id)
    tokens, sequences = tokens or known.batch_tokens, sequences or known.sequences
    each = LOGITS_EVERY_TOKEN.get(engine_id)
    if each is not None:
        return float(tokens * each * (model.vocab + 8 * model.hidden))
    inner = float((model.active_experts or 1) * (model.expert_ffn or model.ffn))
    if model.experts:
        inner += (model.active_experts or 1) * model.hidden / 3
    activations = 2 * tokens * (3 * inner + 3 * model.hidden)
    return activations + 2 * 4 * sequences * model.vocab


def fixed_bytes(
    engine_id: str, model: Model, tokens: int | None = None, sequences: int | None = None
) -> float:
    """The same with the runtime: what a pool's share holds besides weights and cache."""
    scratch = compute_bytes(engine_id, model, tokens, sequences)
    return scratch + of_engine(engine_id).context_gib * GIB

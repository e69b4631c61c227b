"""What memory goes to besides weights and cache: activations, logits, the runtime itself."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from recommender.catalogue import GIB, Model
from recommender.entries import Entry, Sources
from recommender.estimate.machine import Machine

LOGITS_EVERY_TOKEN = {"llama.cpp": 4, "ollama": 4, "mlx-lm": 2}  # bytes; the others: the last one's


class Visible(Entry):
    name: str
    hardware: tuple[str, ...]
    backend: str | None = None
    datacentre: bool | None = None
    unified: bool | None = None
    share: float
    sources: Sources


class Buffers(Entry):
    engine: str
    batch_tokens: int
    sequences: int
    large_from_gib: float | None = None
    large_but: tuple[str, ...] = ()
    large_batch_tokens: int = 0
    large_sequences: int = 0
    context_gib: float
    graphs_gib: float
    trial_in_share: bool = True  # activations are taken out of the share that the pool may fill
    share_of_rest: bool = False  # the share is of what weights and activations leave, not of all
    sources: Sources

    def on(self, machine: Machine | None) -> tuple[int, int]:
        """Prompt tokens in one go and requests at once, as shipped, on this machine."""
        device, small = machine.device if machine else None, (self.batch_tokens, self.sequences)
        if device is None or machine is None or machine.memory_gib is None:
            return small
        each = machine.memory_gib / machine.gpus
        if self.large_from_gib is None or each < self.large_from_gib or machine.unified:
            return small
        return small if device.id.startswith(self.large_but) else self._large

    @property
    def _large(self) -> tuple[int, int]:
        return self.large_batch_tokens, self.large_sequences


class Wired(Entry):
    keep_gib: float  # that the system needs for itself
    sources: Sources


class Tables(Entry):
    wired: Wired
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
        kind = entry.datacentre in (None, datacentre) and entry.unified in (None, machine.unified)
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
    engine_id: str,
    model: Model,
    machine: Machine | None = None,
    tokens: int | None = None,
    sequences: int | None = None,
) -> float:
    """The same with the runtime, as shipped for this machine where nothing else is said: what a
    pool's share holds besides weights and cache."""
    shipped = of_engine(engine_id).on(machine)
    scratch = compute_bytes(engine_id, model, tokens or shipped[0], sequences or shipped[1])
    return scratch + of_engine(engine_id).context_gib * GIB


def pool_bytes(engine_id: str, seen: float, share: float, weights: float, fixed: float) -> float:
    """What an engine's pool gets of the bytes a program sees: its share of all or of the rest.
    `fixed`: of `fixed_bytes`, over all devices."""
    known = of_engine(engine_id)
    if known.share_of_rest:
        return share * (seen - weights - fixed)
    return share * seen - weights - (fixed if known.trial_in_share else 0.0)

"""A Hugging Face `config.json` as a shape whose tensors can be made.

The recommender reads it (`recommender.own.config`); here only what can be made of it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic.shape import GEMMA3_EVERY, GPT_OSS_EVERY, Shape
from recommender.own import config as reader
from recommender.own import shape as own
from recommender.own.errors import OwnError

# What a shape's family is called -> the GGUF architecture whose tensors these are.
ARCHITECTURES = {
    "llama": "llama",
    "mistral": "llama",
    "mixtral": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "qwen3-moe": "qwen3moe",
    "gemma3": "gemma3",
    "gpt-oss": "gpt-oss",
}
MIXTURES = frozenset({"mixtral", "qwen3-moe", "gpt-oss"})
_EVERY = {"gemma3": GEMMA3_EVERY, "gpt-oss": GPT_OSS_EVERY}
_ROPE_THETA = 10_000.0  # where the file does not say


def from_file(path: Path) -> Shape:
    """Raises CannotMeasure with a sentence."""
    try:
        found = reader.parse(path.read_bytes())
    except OSError as error:
        raise CannotMeasure(f"{path} cannot be read: {error.strerror}.") from error
    except OwnError as error:
        raise CannotMeasure(f"{path} is no model's config.json. {error}") from error
    return from_config(found)


def from_config(config: Mapping[str, Any]) -> Shape:
    """A tower for pictures or sound beside the language model is not made.

    Raises CannotMeasure for what cannot be read and for shapes whose tensors are not known here.
    """
    try:
        found = reader.shape(config)
    except OwnError as error:
        raise CannotMeasure(str(error)) from error
    arch = _architecture(found.family)
    return Shape(
        arch=arch,
        layers=len(found.layers),
        hidden=found.hidden,
        heads=found.heads.query,
        kv_heads=found.heads.kv,
        head_dim=found.heads.key_dim,
        ffn=found.ffn,
        vocab=found.vocab,
        context_max=found.context_max,
        tied=found.tied,
        rope_theta=found.rope_theta or _ROPE_THETA,
        **_experts(found),
        **_window(found, arch),
    )


def _architecture(family: str) -> str:
    if family not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise CannotMeasure(
            f"Synthetic weights of the architecture {family!r} cannot be made yet; "
            f"those of {known} can. A GGUF file by its path is measured whatever its shape."
        )
    return ARCHITECTURES[family]


def _experts(found: own.Shape) -> dict[str, int]:
    experts = found.experts
    if experts is None and found.family in MIXTURES:
        raise CannotMeasure(
            "The config.json needs num_experts or num_local_experts as a whole number above 1."
        )
    if experts is None:
        return {}
    if found.expert_layers < len(found.layers):
        raise CannotMeasure(
            "Its config.json has layers without experts between those with some; "
            "synthetic weights of such a mixture cannot be made yet."
        )
    if found.family not in MIXTURES or experts.shared or experts.width_in:
        raise CannotMeasure(
            f"Synthetic weights of {found.family} with such experts cannot be made yet; those of "
            f"{', '.join(sorted(MIXTURES))} can, without experts that are always on."
        )
    return {"experts": experts.count, "experts_used": experts.active, "expert_ffn": experts.ffn}


def _window(found: own.Shape, arch: str) -> dict[str, int]:
    """Full attention in each so-many-th layer; where none has it, as the architecture would."""
    if arch not in _EVERY:
        return {}
    full = [layer.mixer == "full" for layer in found.layers]
    every = full.index(True) + 1 if any(full) else _EVERY[arch]
    if every < 2 or full != [(layer + 1) % every == 0 for layer in range(len(full))]:
        raise CannotMeasure(
            "The config.json's layer_types do not have full attention in one layer of "
            f"{_EVERY[arch]}, the last; such a pattern cannot be made yet."
        )
    if found.window < 1:
        raise CannotMeasure("The config.json needs sliding_window as a whole number above 0.")
    return {"window": found.window, "full_every": every}

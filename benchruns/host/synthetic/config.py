"""A Hugging Face `config.json` as a shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic.shape import GEMMA3_EVERY, GPT_OSS_EVERY, Shape

# Hugging Face `model_type` -> the GGUF architecture whose tensors these are.
ARCHITECTURES = {
    "llama": "llama",
    "mistral": "llama",
    "mixtral": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "qwen3_moe": "qwen3moe",
    "gemma3": "gemma3",
    "gemma3_text": "gemma3",
    "gpt_oss": "gpt-oss",
}
_EVERY = {"gemma3": GEMMA3_EVERY, "gpt-oss": GPT_OSS_EVERY}
_EXPERTS = {
    "mixtral": "num_local_experts",
    "qwen3_moe": "num_experts",
    "gpt_oss": "num_local_experts",
}
_USED = "num_experts_per_tok"


def from_file(path: Path) -> Shape:
    """Raises CannotMeasure with a sentence."""
    try:
        config = json.loads(path.read_text())
    except OSError as error:
        raise CannotMeasure(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CannotMeasure(f"{path} is not JSON: {error}.") from error
    if not isinstance(config, dict):
        raise CannotMeasure(f"{path} is not a model's config.json: it holds no object.")
    return from_config(config)


def from_config(config: Mapping[str, Any]) -> Shape:
    """Raises CannotMeasure for shapes whose tensors are not known here."""
    arch = architecture(str(config.get("model_type", "")))
    text = config.get("text_config")
    if isinstance(text, Mapping):  # with a tower for pictures beside it, which is not made
        config = {"model_type": config["model_type"], **text}
    hidden, heads = _size(config, "hidden_size"), _size(config, "num_attention_heads")
    return Shape(
        arch=arch,
        layers=_size(config, "num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=_size(config, "num_key_value_heads", heads),
        head_dim=_size(config, "head_dim", hidden // heads),
        ffn=_size(config, "intermediate_size"),
        vocab=_size(config, "vocab_size"),
        context_max=_size(config, "max_position_embeddings", 4096),
        tied=_tied(config, arch),
        rope_theta=float(config.get("rope_theta") or 10_000.0),
        **_experts(config),
        **_window(config, arch),
    )


def architecture(model_type: str) -> str:
    """Raises CannotMeasure for shapes whose tensors are not known here."""
    if model_type not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise CannotMeasure(
            f"Synthetic weights of the architecture {model_type!r} cannot be made yet; "
            f"those of {known} can. A GGUF file by its path is measured whatever its shape."
        )
    return ARCHITECTURES[model_type]


def _tied(config: Mapping[str, Any], arch: str) -> bool:
    """A config leaves out what is its class's default, which for Gemma is one matrix for both."""
    return bool(config.get("tie_word_embeddings", arch == "gemma3"))


def _experts(config: Mapping[str, Any]) -> dict[str, int]:
    key = _EXPERTS.get(str(config.get("model_type")))
    if key is None:
        return {}
    if config.get("mlp_only_layers") or config.get("decoder_sparse_step", 1) != 1:
        raise CannotMeasure(
            "Its config.json has layers without experts between those with some; "
            "synthetic weights of such a mixture cannot be made yet."
        )
    experts, used = _size(config, key), _size(config, _USED)
    if used > experts:
        raise CannotMeasure(f"The config.json sends a token to {used} of {experts} experts.")
    width = _size(config, "moe_intermediate_size", _size(config, "intermediate_size"))
    return {"experts": experts, "experts_used": used, "expert_ffn": width}


def _window(config: Mapping[str, Any], arch: str) -> dict[str, int]:
    if arch not in _EVERY:
        return {}
    every = _size(config, "sliding_window_pattern", _EVERY[arch])
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and kinds != _alternating(len(kinds), every):
        raise CannotMeasure(
            "The config.json's layer_types do not have full attention in one layer of "
            f"{every}, the last; such a pattern cannot be made yet."
        )
    return {"window": _size(config, "sliding_window"), "full_every": every}


def _alternating(layers: int, every: int) -> list[str]:
    names = ("sliding_attention", "full_attention")
    return [names[(layer + 1) % every == 0] for layer in range(layers)]


def _size(config: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = config.get(key)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise CannotMeasure(
            f"The config.json needs {key} as a whole number above 0, not {value!r}."
        )
    return value

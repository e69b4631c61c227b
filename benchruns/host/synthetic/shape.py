"""The shape of a dense transformer, as far as its speed and memory depend on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchruns.host.errors import CannotMeasure
from recommender.catalogue import Model

# Hugging Face `model_type` -> the GGUF architecture whose tensors these are.
ARCHITECTURES = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes in elements. `tied`: the output layer is the token embedding."""

    arch: str  # llama | qwen2 | qwen3
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    context_max: int
    tied: bool
    rope_theta: float = 500_000.0

    def spec(self) -> dict[str, int | float | str]:
        return {k: int(v) if isinstance(v, bool) else v for k, v in asdict(self).items()}

    def kv_bytes_per_token(self) -> int:
        """Keys and values of all layers at 16 bit."""
        return 2 * self.layers * self.kv_heads * self.head_dim * 2


def architecture(model_type: str) -> str:
    """Raises CannotMeasure for shapes whose tensors are not known here."""
    if model_type not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise CannotMeasure(
            f"Synthetic weights of the architecture {model_type!r} cannot be made yet; "
            f"those of {known} can. A GGUF file by its path is measured whatever its shape."
        )
    return ARCHITECTURES[model_type]


def from_model(model: Model) -> Shape:
    """A catalogue entry. Raises CannotMeasure where its tensors are not those of a known shape."""
    if not model.llama_shaped or model.experts is not None:
        raise CannotMeasure(
            f"{model.name} is not a plain Llama-shaped decoder, so synthetic weights of it cannot "
            "be made yet. Its GGUF file by path is measured whatever its shape."
        )
    return Shape(
        arch="qwen3" if model.qk_norm else "qwen2" if model.qkv_bias else "llama",
        layers=model.layers,
        hidden=model.hidden,
        heads=model.heads,
        kv_heads=model.kv_heads,
        head_dim=model.head_dim,
        ffn=model.ffn,
        vocab=model.vocab,
        context_max=model.context_max,
        tied=model.tied,
    )


def from_config_file(path: Path) -> Shape:
    """A Hugging Face `config.json`. Raises CannotMeasure with a sentence."""
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
    arch = architecture(str(config.get("model_type", "")))
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
        tied=bool(config.get("tie_word_embeddings", False)),
        rope_theta=float(config.get("rope_theta") or 10_000.0),
    )


def _size(config: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = config.get(key)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise CannotMeasure(
            f"The config.json needs {key} as a whole number above 0, not {value!r}."
        )
    return value

"""Parameters of the towers beside a language model: pictures and sound, roughly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommender.own.fields import Fields

TOWERS = ("vision_config", "audio_config")


def params(config: Mapping[str, Any]) -> int:
    """Plain transformer encoders, from their depth and width; 0 where nothing is said of them."""
    return sum(_tower(Fields(config[name])) for name in TOWERS if _object(config.get(name)))


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _tower(fields: Fields) -> int:
    depth = fields.whole("depth", "num_hidden_layers", "vt_num_hidden_layers", "encoder_layers")
    width = fields.whole("hidden_size", "vt_hidden_size", "embed_dim", "d_model")
    ffn = fields.whole("intermediate_size", "vt_intermediate_size", "encoder_ffn_dim") or 4 * width
    return depth * (4 * width * width + 2 * width * ffn)

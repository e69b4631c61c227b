"""The key-value cache, by the model's own way of remembering."""

from __future__ import annotations

from recommender.catalogue import Model

BYTES = 2  # one number of the cache as every engine here ships: 16 bits


def bytes_of(model: Model, tokens: float) -> float:
    """Bytes one sequence of `tokens` keeps, recurrent state included."""
    attention = model.attention
    if attention.kind == "mla":
        return model.layers * (attention.latent or 0) * BYTES * tokens
    if attention.kind == "sliding":
        return _sliding(model, tokens)
    return _full_layers(model) * _per_layer(model) * tokens + attention.state_bytes * (
        model.layers - _full_layers(model)
    )


def per_token(model: Model, tokens: float) -> float:
    """Average bytes a token of such a sequence costs."""
    return bytes_of(model, tokens) / tokens


def _sliding(model: Model, tokens: float) -> float:
    attention = model.attention
    full = attention.full_layers or 0
    kept = min(tokens, float(attention.window or tokens))
    wide = (attention.full_kv_heads or model.kv_heads) * (attention.full_head_dim or model.head_dim)
    return full * 2 * wide * BYTES * tokens + (model.layers - full) * _per_layer(model) * kept


def _full_layers(model: Model) -> int:
    return model.layers if model.attention.full_layers is None else model.attention.full_layers


def _per_layer(model: Model) -> int:
    return 2 * model.kv_heads * model.head_dim * BYTES

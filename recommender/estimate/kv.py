"""The key-value cache, by the model's own way of remembering.

`tensor` is how many devices share every matrix. Each keeps its part of the key and value heads; a
head that there are too few of, and the one vector of MLA, each device keeps whole.
"""

from __future__ import annotations

from recommender.catalogue import Model

BITS = 16.0  # one number of the cache as every engine here ships


def bytes_of(model: Model, tokens: float, bits: float = BITS, tensor: int = 1) -> float:
    """Bytes one sequence of `tokens` keeps over all devices, recurrent state included (which stays
    in 16 bits)."""
    attention = model.attention
    if attention.kind == "mla":
        return tensor * model.layers * (attention.latent or 0) * bits / 8 * tokens
    if attention.kind == "sliding":
        kept = min(tokens, float(attention.window or tokens))
        wide, narrow = _wide_layers(model, bits, tensor), _narrow_layers(model, bits, tensor)
        return wide * tokens + narrow * kept
    full = _full_layers(model)
    state = attention.state_bytes * (model.layers - full)
    return full * _per_layer(model, bits, tensor) * tokens + state


def per_token(model: Model, tokens: float, bits: float = BITS, tensor: int = 1) -> float:
    """Average bytes a token of such a sequence costs."""
    return bytes_of(model, tokens, bits, tensor) / tokens


def margin(model: Model, batch: int, bits: float = BITS) -> float:
    """What llama.cpp adds once to layers with a window, whatever the number of slots: a batch."""
    return batch * _narrow_layers(model, bits) if model.attention.kind == "sliding" else 0.0


def reserved(model: Model, tokens: float, slots: int, batch: int, bits: float = BITS) -> float:
    """What llama.cpp sets aside at the start: `tokens` over all slots, and for layers with a window
    the window and one batch of every slot. Source: llama-kv-cache-iswa.cpp, "size_swa"."""
    if model.attention.kind != "sliding":
        one = bytes_of(model, tokens, bits)
        return one + (slots - 1) * bytes_of(model, 0, bits)
    window = (model.attention.window or 0) * slots + batch
    kept = min(tokens, -(-window // 256) * 256)
    return _wide_layers(model, bits) * tokens + _narrow_layers(model, bits) * kept


def pool_tokens(model: Model, pool_bytes: float, bits: float = BITS, tensor: int = 1) -> float:
    """Tokens that vLLM's log calls the size of its pool, before it counted by requests: layers with
    a window or a state take blocks as large as the others."""
    kind = model.attention.kind
    if kind in ("full", "mla"):
        return pool_bytes / bytes_of(model, 1, bits, tensor)
    return pool_bytes / (model.layers * _per_layer(model, bits, tensor))


def pool_tokens_by_request(
    model: Model,
    pool_bytes: float,
    longest: float,
    batch: int,
    bits: float = BITS,
    tensor: int = 1,
) -> float:
    """The same as newer versions count: so many requests of the longest length, times that."""
    one = bytes_of(model, longest, bits, tensor)
    if model.attention.kind == "sliding":
        kept = min(longest, float((model.attention.window or 0) + batch))
        wide, narrow = _wide_layers(model, bits, tensor), _narrow_layers(model, bits, tensor)
        one = wide * longest + narrow * kept
    return pool_bytes / one * longest


def _wide_layers(model: Model, bits: float, tensor: int = 1) -> float:
    """Bytes for each token of the layers that keep everything, where others have a window."""
    attention = model.attention
    heads = max(tensor, attention.full_kv_heads or model.kv_heads)
    wide = heads * (attention.full_head_dim or model.head_dim)
    return (attention.full_layers or 0) * 2 * wide * bits / 8


def _narrow_layers(model: Model, bits: float, tensor: int = 1) -> float:
    return (model.layers - (model.attention.full_layers or 0)) * _per_layer(model, bits, tensor)


def _full_layers(model: Model) -> int:
    return model.layers if model.attention.full_layers is None else model.attention.full_layers


def _per_layer(model: Model, bits: float, tensor: int = 1) -> float:
    return 2 * max(tensor, model.kv_heads) * model.head_dim * bits / 8

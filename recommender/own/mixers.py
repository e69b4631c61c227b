"""Attention heads, latent vectors and recurrent states of a `config.json`."""

from __future__ import annotations

from math import ceil

from recommender.own.errors import OwnError
from recommender.own.fields import Fields
from recommender.own.shape import Heads, Latent, Layer, State


def heads(fields: Fields, hidden: int, kind: str) -> Heads:
    """Of the layers that attend to everything."""
    query = fields.need("num_attention_heads", "n_head", "num_heads")
    if fields.true("multi_query"):
        kv = 1
    else:
        kv = fields.whole("num_key_value_heads", "num_kv_heads") or query
    if query % kv:
        raise OwnError(f"{query} heads cannot share {kv} heads of keys and values evenly.")
    size = fields.whole("head_dim", "attention_head_dim", "kv_channels") or max(hidden // query, 1)
    value = size if fields.whole("kv_lora_rank") else fields.whole("v_head_dim") or size
    if kind in ("gemma4", "gemma4_unified"):
        return _gemma4(fields, query, kv, size)
    return Heads(query, kv, size, value)


def _gemma4(fields: Fields, query: int, kv: int, size: int) -> Heads:
    """Global layers have heads of their own, and one matrix for keys and values."""
    same = fields.true("attention_k_eq_v")
    wide = fields.whole("num_global_key_value_heads") if same else 0
    length = fields.whole("global_head_dim") or size
    return Heads(query, wide or kv, length, length, one_matrix=same)


def local_heads(fields: Fields, found: Heads) -> Heads | None:
    """Of sliding layers, where they differ."""
    if fields.get("global_head_dim") is not None:
        size = fields.whole("head_dim")
        kv = fields.whole("num_key_value_heads") or found.kv
        return Heads(found.query, kv, size, size)
    if fields.get("swa_num_key_value_heads") is None:
        return None
    size = fields.whole("swa_head_dim") or found.key_dim
    value = fields.whole("swa_v_head_dim") or size
    query = fields.whole("swa_num_attention_heads") or found.query
    return Heads(query, fields.whole("swa_num_key_value_heads"), size, value)


def latent(fields: Fields) -> Latent | None:
    """Multi-head latent attention, as DeepSeek brought it."""
    rank = fields.whole("kv_lora_rank")
    if not rank:
        return None
    return Latent(
        query_rank=fields.whole("q_lora_rank"),
        kv_rank=rank,
        nope_dim=fields.need("qk_nope_head_dim"),
        rope_dim=fields.need("qk_rope_head_dim"),
        value_dim=fields.need("v_head_dim"),
        index_heads=fields.whole("index_n_heads"),
        index_dim=fields.whole("index_head_dim"),
    )


def state(fields: Fields, hidden: int, rows: tuple[Layer, ...]) -> State | None:
    """What a layer keeps that is no attention; None where all layers attend.

    Raises:
        OwnError: such layers are named but their sizes are of a kind not known here.
    """
    if not any(row.mixer == "linear" for row in rows):
        return None
    found = _delta(fields, hidden) or _kimi(fields, hidden) or _mamba2(fields, hidden)
    found = found or _mamba1(fields, hidden) or _convolution(fields, hidden)
    if found is None:
        raise OwnError(
            "Some layers keep a state instead of attending, but its size is not there: "
            "linear_num_value_heads, mamba_num_heads, mamba_d_state or conv_L_cache."
        )
    return found


def _delta(fields: Fields, hidden: int) -> State | None:
    """Gated DeltaNet: Qwen3-Next, Qwen3.5, OLMo hybrid."""
    values = fields.whole("linear_num_value_heads")
    if not values:
        return None
    keys = fields.whole("linear_num_key_heads") * fields.whole("linear_key_head_dim")
    inner = values * fields.whole("linear_value_head_dim")
    kernel = fields.whole("linear_conv_kernel_dim", default=4)
    size = fields.whole("linear_key_head_dim")
    params = hidden * (3 * inner + 2 * keys + 2 * values) + kernel * (inner + 2 * keys)
    return State(inner, 2 * keys, size, kernel, params)


def _kimi(fields: Fields, hidden: int) -> State | None:
    """Kimi Delta Attention: keys and queries as wide as values, gates of low rank or full."""
    said = Fields(fields.part("linear_attn_config"))
    size, number = said.whole("head_dim"), said.whole("num_heads")
    if not size or not number:
        return None
    inner, kernel = number * size, said.whole("short_conv_kernel_size", default=4)
    gate = inner * hidden if said.true("use_full_rank_gate") else size * (hidden + inner)
    decay = size * (hidden + inner)
    params = hidden * (4 * inner + number) + gate + decay + 3 * kernel * inner
    return State(inner, 2 * inner, size, kernel, params)


def _mamba2(fields: Fields, hidden: int) -> State | None:
    number = fields.whole("mamba_num_heads", "mamba_n_heads")
    size = fields.whole("ssm_state_size", "mamba_d_state")
    if not number or not size:
        return None
    length = fields.get("mamba_head_dim", "mamba_d_head")
    expanded = fields.whole("mamba_expand", "expand", default=2) * hidden
    inner = number * length if isinstance(length, int) else expanded
    width = 2 * fields.whole("n_groups", "mamba_n_groups", default=1) * size
    kernel = fields.whole("conv_kernel", "mamba_d_conv", default=4)
    params = hidden * (3 * inner + width + number) + (kernel + 1) * (inner + width)
    return State(inner, width, size, kernel, params)


def _mamba1(fields: Fields, hidden: int) -> State | None:
    size = fields.whole("mamba_d_state", "state_size")
    if not size:
        return None
    inner = fields.whole("mamba_expand", "expand", default=2) * hidden
    kernel, said = fields.whole("mamba_d_conv", "conv_kernel", default=4), "mamba_dt_rank"
    rank = fields.get(said) if isinstance(fields.get(said), int) else ceil(hidden / 16)
    params = 3 * hidden * inner + inner * (2 * rank + 3 * size + kernel)
    return State(inner, 0, size, kernel, params)


def _convolution(fields: Fields, hidden: int) -> State | None:
    """LFM2: a gated short convolution and nothing else."""
    kernel = fields.whole("conv_L_cache")
    if not kernel:
        return None
    return State(hidden, 0, 0, kernel, 4 * hidden * hidden + kernel * hidden)

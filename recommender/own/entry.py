"""A shape as a model of the catalogue."""

from __future__ import annotations

from recommender.entries import Attention, Model, Source
from recommender.own import parameters
from recommender.own.errors import OwnError
from recommender.own.model import called, tidy
from recommender.own.shape import Experts, Heads, Shape

PLAIN = frozenset({"llama", "mistral", "qwen2", "qwen3"})
"""Families whose parameters follow from the shape to the last one."""


def model(shape: Shape, *, own_id: str, source: str, params: int | None = None) -> Model:
    """`params`: counted from the file's own tensors; by default computed from the shape.

    Raises:
        OwnError: the parts do not make a model.
    """
    if not shape.layers:
        raise OwnError("The model has no layers.")
    counted = params or parameters.total(shape)
    heads = _remembered(shape)
    name, repository = called(tidy(shape.name) or "My model")
    return Model(
        id=own_id,
        name=name,
        hf_id=repository,
        family=shape.family,
        params=counted,
        extra_params=shape.extra_params,
        looked_up_params=shape.per_layer_width * shape.per_layer_vocab * len(shape.layers),
        layers=len(shape.layers),
        hidden=shape.hidden,
        heads=heads.query,
        kv_heads=heads.kv,
        head_dim=_cached(heads),
        ffn=shape.ffn,
        vocab=shape.vocab,
        tied=shape.tied,
        context_max=shape.context_max,
        llama_shaped=_plain(shape, counted),
        qk_norm=shape.qk_norm,
        qkv_bias=shape.qkv_bias,
        embedding_only=shape.embedding_only,
        attention=attention(shape),
        note=" ".join(shape.notes),
        sources=(Source(cite=source),),
        **_mixture(shape, counted),
    )


def _mixture(shape: Shape, params: int) -> dict[str, int]:
    if shape.experts is None:
        return {}
    return {
        "experts": shape.experts.count,
        "active_experts": shape.experts.active,
        "expert_ffn": _expert_ffn(shape, shape.experts),
        "moe_layers": shape.expert_layers,
        "active_params": parameters.active(shape, params),
    }


def _expert_ffn(shape: Shape, experts: Experts) -> int:
    """As wide as an expert of three full matrices with as many parameters would be."""
    return max(1, round(parameters.expert(shape, experts) / (3 * shape.hidden)))


def _plain(shape: Shape, params: int) -> bool:
    full = shape.count("full") == len(shape.layers) and shape.latent is None
    plain = full and shape.experts is None and shape.family in PLAIN
    return plain and params == parameters.total(shape)


def _remembered(shape: Shape) -> Heads:
    """The heads whose keys and values are kept. Beside layers with a state, a latent vector counts
    as one head of half its length, for keys and for values."""
    if shape.latent is not None and shape.count("linear"):
        half = (shape.latent.kv_rank + shape.latent.rope_dim) // 2
        return Heads(shape.heads.query, 1, half, half)
    return shape.sliding_heads if shape.count("sliding") else shape.heads


def _cached(heads: Heads) -> int:
    """Keys and values may differ in length: the cache holds their mean twice."""
    return (heads.key_dim + heads.value_dim) // 2


def attention(shape: Shape) -> Attention:
    """How the layers remember, as the catalogue says it."""
    full, rest = shape.count("full"), len(shape.layers) - shape.count("full")
    bound = {"upper_bound": True} if shape.upper_bound else {}
    if shape.count("linear") or shape.count("none"):
        return _hybrid(shape, full, rest)
    if shape.latent is not None:
        kept = shape.latent.kv_rank + shape.latent.rope_dim
        return Attention(kind="mla", latent=kept, **bound)
    if not shape.count("sliding") or shape.window >= shape.context_max:
        return Attention(**bound)
    wide = {}
    if shape.local is not None and shape.local != shape.heads:
        wide = {"full_kv_heads": shape.heads.kv, "full_head_dim": _cached(shape.heads)}
    return Attention(kind="sliding", full_layers=full, window=shape.window, **wide, **bound)


def _hybrid(shape: Shape, full: int, rest: int) -> Attention:
    """Layers without any memory count as well, so the state is spread over all the others."""
    state = shape.state.state_bytes * shape.count("linear") if shape.state else 0
    bound = {"upper_bound": True} if shape.upper_bound or shape.count("sliding") else {}
    full += shape.count("sliding")
    rest -= shape.count("sliding")
    return Attention(
        kind="hybrid", full_layers=full, state_bytes=round(state / max(rest, 1)), **bound
    )

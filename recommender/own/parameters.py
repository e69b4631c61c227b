"""Parameters that follow from a shape, part by part."""

from __future__ import annotations

from recommender.own.shape import Experts, Heads, Latent, Layer, Shape


def total(shape: Shape) -> int:
    """Of the language model, every expert and both embeddings included."""
    ends = shape.vocab * shape.hidden * (1 if shape.tied else 2) + shape.hidden
    layers = sum(_layer(shape, layer) for layer in shape.layers)
    return ends + layers + _per_layer_embeddings(shape) + _wider(shape)


def active(shape: Shape, params: int) -> int:
    """Those one token is multiplied with: no input embedding, only the experts it is sent to."""
    if shape.experts is None:
        return params
    idle = shape.experts.count - shape.experts.active
    unused = shape.expert_layers * idle * expert(shape, shape.experts)
    return params - unused - (0 if shape.tied else shape.vocab * shape.hidden)


def expert(shape: Shape, experts: Experts) -> int:
    """One routed expert of one layer."""
    return shape.matrices * (experts.width_in or shape.hidden) * experts.ffn


def _layer(shape: Shape, layer: Layer) -> int:
    blocks = (layer.mixer != "none") + (layer.feed != "none")
    return _mixer(shape, layer) + _feed(shape, layer) + blocks * shape.hidden


def _mixer(shape: Shape, layer: Layer) -> int:
    if layer.mixer == "none":
        return 0
    if layer.mixer == "linear":
        return shape.state.params if shape.state else 0
    if shape.latent is not None:
        return _latent(shape.hidden, shape.heads.query, shape.latent)
    return _attention(shape, shape.heads if layer.mixer == "full" else shape.sliding_heads)


def _attention(shape: Shape, heads: Heads) -> int:
    queries, values = heads.query * heads.key_dim, heads.query * heads.value_dim
    keys, kept = heads.kv * heads.key_dim, heads.kv * heads.value_dim
    second = 0 if heads.one_matrix else kept
    width = queries * (2 if shape.output_gate else 1) + keys + second + values
    bias = queries + keys + kept if shape.qkv_bias else 0
    return shape.hidden * width + bias + (2 * heads.key_dim if shape.qk_norm else 0)


def _latent(hidden: int, heads: int, latent: Latent) -> int:
    key = latent.nope_dim + latent.rope_dim
    query = heads * key * (latent.query_rank or hidden)
    query += (hidden + 1) * latent.query_rank
    shared = hidden * (latent.kv_rank + latent.rope_dim) + latent.kv_rank
    back = latent.kv_rank * heads * (latent.nope_dim + latent.value_dim)
    return query + shared + back + heads * latent.value_dim * hidden + _indexer(hidden, latent)


def _indexer(hidden: int, latent: Latent) -> int:
    """What picks the tokens that a sparse attention looks at."""
    queries = latent.query_rank * latent.index_heads * latent.index_dim
    return queries + hidden * (latent.index_dim + latent.index_heads)


def _feed(shape: Shape, layer: Layer) -> int:
    if layer.feed == "none":
        return 0
    if layer.feed == "dense" or shape.experts is None:
        return shape.matrices * shape.hidden * shape.ffn
    experts = shape.experts
    shared = shape.matrices * shape.hidden * experts.shared
    through = 2 * shape.hidden * experts.width_in  # into the narrower channels and back
    router = shape.hidden * experts.count
    return experts.count * expert(shape, experts) + shared + router + through


def _per_layer_embeddings(shape: Shape) -> int:
    width, layers = shape.per_layer_width, len(shape.layers)
    return width * layers * (shape.per_layer_vocab + 3 * shape.hidden)


def _wider(shape: Shape) -> int:
    return shape.wide_layers * shape.matrices * shape.hidden * shape.ffn

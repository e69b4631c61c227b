"""What a model is made of, layer by layer, before anything is computed from it.

Read from a `config.json` or the head of a GGUF file; sizes are in elements.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Mixer = Literal["full", "sliding", "linear", "none"]
Feed = Literal["dense", "experts", "none"]


@dataclass(frozen=True, slots=True)
class Layer:
    """How one layer mixes tokens, and what feeds forward in it."""

    mixer: Mixer
    feed: Feed


@dataclass(frozen=True, slots=True)
class Heads:
    """Plain attention. `one_matrix`: keys and values come from the same projection."""

    query: int
    kv: int
    key_dim: int
    value_dim: int
    one_matrix: bool = False


@dataclass(frozen=True, slots=True)
class Latent:
    """Multi-head latent attention: one compressed vector for keys and values of all heads."""

    query_rank: int
    kv_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int
    index_heads: int = 0
    index_dim: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A layer that keeps a state of fixed size: linear attention, Mamba, a short convolution.

    `inner` channels, each with `size` numbers; the convolution sees `width` more of them.
    """

    inner: int
    width: int
    size: int
    kernel: int
    params: int

    @property
    def state_bytes(self) -> int:
        """Of one sequence in one layer, in 32 bits as the engines keep it."""
        return 4 * (self.inner * self.size + (self.kernel - 1) * (self.inner + self.width))


@dataclass(frozen=True, slots=True)
class Experts:
    """Routed experts of one layer, and what is always on beside them (`shared`, its width).

    `width_in`: where experts work on fewer channels than the model is wide; 0: on all.
    """

    count: int
    active: int
    ffn: int
    shared: int = 0
    width_in: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A whole language model. `extra_params` are towers beside it.

    `rope_theta`: of its rotary positions, None where it is not said; no size follows from it.
    """

    name: str
    family: str
    hidden: int
    vocab: int
    context_max: int
    tied: bool
    layers: tuple[Layer, ...]
    heads: Heads
    ffn: int
    local: Heads | None = None  # of the sliding layers, where they differ
    window: int = 0
    latent: Latent | None = None
    state: State | None = None
    experts: Experts | None = None
    matrices: int = 3  # of a feed-forward block; 2 where nothing is gated
    qkv_bias: bool = False
    qk_norm: bool = False
    output_gate: bool = False
    per_layer_width: int = 0  # of embeddings that every layer has for itself
    per_layer_vocab: int = 0
    wide_layers: int = 0  # whose dense block is twice as wide
    extra_params: int = 0
    embedding_only: bool = False
    upper_bound: bool = False
    rope_theta: float | None = None
    notes: tuple[str, ...] = field(default=())

    def count(self, mixer: Mixer) -> int:
        """Layers that mix in that way."""
        return sum(layer.mixer == mixer for layer in self.layers)

    @property
    def expert_layers(self) -> int:
        return sum(layer.feed == "experts" for layer in self.layers)

    @property
    def sliding_heads(self) -> Heads:
        return self.local or self.heads

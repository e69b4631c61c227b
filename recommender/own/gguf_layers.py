"""Which layers of a GGUF file attend to everything, slide, keep a state, or hold experts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

from recommender.own.errors import OwnError
from recommender.own.fields import Fields
from recommender.own.header import Header
from recommender.own.layers import MOST_LAYERS
from recommender.own.shape import Layer, Mixer

STATEFUL = ("ssm_", "shortconv")


def window(fields: Fields) -> int:
    """Tokens that sliding layers keep; 0 where none slide."""
    return fields.whole("attention.sliding_window", "attention.chunk_size")


def is_split(head: Header) -> bool:
    """Whether this is one file of several: then tensors are missing."""
    count = head.values.get("split.count", 0)
    return isinstance(count, int) and count > 1


def layers(fields: Fields, head: Header) -> tuple[Layer, ...]:
    """One entry for each layer, from its own tensors where the head has them.

    Raises:
        OwnError: more layers than any model has.
    """
    count = fields.need("block_count")
    if count > MOST_LAYERS:
        raise OwnError(f"{count:,} layers are more than any model has; at most {MOST_LAYERS:,}.")
    dense = fields.whole("leading_dense_block_count")
    experts = fields.whole("expert_count") > 1
    mixers = _mixers(fields, head, count)
    held = _held(head)
    return tuple(_row(mixers[n], held.get(n), n >= dense and experts) for n in range(count))


def _row(mixer: Mixer, names: frozenset[str] | None, experts: bool) -> Layer:
    """From the layer's own tensors where they are there."""
    if names is None:
        return Layer(mixer, "experts" if experts else "dense")
    if any(name.startswith("ffn_gate_inp") for name in names):
        return _with_mixer(mixer, names, "experts")
    return _with_mixer(mixer, names, "dense" if "ffn_down.weight" in names else "none")


def _with_mixer(mixer: Mixer, names: frozenset[str], feed: Any) -> Layer:
    if any(name.startswith(STATEFUL) for name in names):
        return Layer("linear", feed)
    attends = any(name.startswith("attn_") and name != "attn_norm.weight" for name in names)
    return Layer(mixer if attends else "none", feed)


def _held(head: Header) -> Mapping[int, frozenset[str]]:
    """The names of the tensors of each layer."""
    found: dict[int, set[str]] = {}
    for tensor in head.tensors if not is_split(head) else ():
        first, _, rest = tensor.name.removeprefix("blk.").partition(".")
        if tensor.name.startswith("blk.") and first.isdecimal():
            found.setdefault(int(first), set()).add(rest)
    return {n: frozenset(names) for n, names in found.items()}


def _mixers(fields: Fields, head: Header, count: int) -> list[Mixer]:
    interval = fields.whole("full_attention_interval")
    if fields.whole("ssm.state_size"):
        return _stateful(fields, interval, count)
    if not window(fields) or window(fields) >= fields.whole("context_length"):
        return ["full"] * count
    pattern = fields.get("attention.sliding_window_pattern")
    if isinstance(pattern, list):
        return ["sliding" if one else "full" for one in islice(cycle(pattern or [1]), count)]
    arch = str(head.values.get("general.architecture"))
    every = pattern if isinstance(pattern, int) and pattern > 1 else PATTERNS.get(arch, 0)
    if not every:
        return ["sliding"] * count
    return ["sliding" if (n + 1) % every else "full" for n in range(count)]


PATTERNS = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2, "cohere2": 4, "llama4": 4}
"""Every so many layers attend to everything, where llama.cpp knows it and the file does not say."""


def _stateful(fields: Fields, interval: int, count: int) -> list[Mixer]:
    """Layers without heads of keys and values keep a state."""
    kv = fields.get("attention.head_count_kv")
    if isinstance(kv, list) and len(kv) >= count:
        return ["full" if one else "linear" for one in kv[:count]]
    every = interval or 4
    return ["linear" if (n + 1) % every else "full" for n in range(count)]

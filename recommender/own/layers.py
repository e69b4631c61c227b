"""Which layers of a `config.json` attend to everything, slide, keep a state, or hold experts."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from recommender.own.errors import OwnError
from recommender.own.fields import Fields
from recommender.own.shape import Feed, Layer, Mixer

MOST_LAYERS = 1024
PATTERN = {"M": Layer("linear", "none"), "E": Layer("none", "experts")}
PATTERN |= {"*": Layer("full", "none"), "-": Layer("none", "dense")}
BLOCKS = {"linear_attention": "M", "mamba": "M", "moe": "E", "mlp": "-"}
BLOCKS |= {"full_attention": "*", "attention": "*"}
SLIDING = ("sliding", "chunked", "local")
STATEFUL = ("linear", "mamba", "conv", "recurrent", "kda", "rnn", "gated_delta")


def layers(fields: Fields, *, experts: bool) -> tuple[Layer, ...]:
    """One entry for each layer.

    Raises:
        OwnError: too many, or a list that does not fit.
    """
    single = _single_blocks(fields)
    if single:
        return _checked(single)
    count = fields.need("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    _check_count(count)
    mixers = _mixers(fields, count)
    feeds: list[Feed] = _feeds(fields, count) if experts else ["dense"] * count
    return tuple(Layer(m, f) for m, f in zip_longest(mixers, feeds, fillvalue="full"))  # type: ignore[arg-type]


def _checked(found: tuple[Layer, ...]) -> tuple[Layer, ...]:
    _check_count(len(found))
    return found


def _check_count(count: int) -> None:
    if count > MOST_LAYERS:
        raise OwnError(f"{count:,} layers are more than any model has; at most {MOST_LAYERS:,}.")


def _single_blocks(fields: Fields) -> tuple[Layer, ...]:
    """Nemotron-H: every layer is one block, a mixer or a feed-forward, written as a letter."""
    pattern = fields.get("hybrid_override_pattern")
    blocks = fields.get("layers_block_type")
    if pattern is None and isinstance(blocks, list) and {"moe", "mlp"} & set(map(str, blocks)):
        pattern = "".join(BLOCKS.get(str(block), "?") for block in blocks)
    if not isinstance(pattern, str):
        return ()
    unknown = sorted(set(pattern) - set(PATTERN))
    if unknown:
        raise OwnError(
            f"hybrid_override_pattern has {unknown[0]!r}; known are {', '.join(PATTERN)}."
        )
    return tuple(PATTERN[letter] for letter in pattern)


def _mixers(fields: Fields, count: int) -> list[Mixer]:
    for name in ("layer_types", "layers_block_type", "block_types"):
        named = fields.flags(name, count)
        if named:
            return [_mixer(str(kind)) for kind in named]
    return _by_numbers(fields, count) or _by_interval(fields, count) or ["full"] * count


def _mixer(kind: str) -> Mixer:
    if any(word in kind for word in SLIDING):
        return "sliding"
    return "linear" if any(word in kind for word in STATEFUL) else "full"


def _by_numbers(fields: Fields, count: int) -> list[Mixer]:
    """Lists that say 0 or 1 for each layer, or which layers are of the rarer kind."""
    for name, ones in (("hybrid_layer_pattern", "sliding"), ("attn_type_list", "full")):
        listed = fields.flags(name, count)
        if listed:
            other: Mixer = "full" if ones == "sliding" else "linear"
            return [ones if one else other for one in listed]  # type: ignore[misc]
    linear = fields.part("linear_attn_config").get("full_attn_layers")
    if isinstance(linear, list):
        return ["full" if n + 1 in linear else "linear" for n in range(count)]
    rare = fields.get("attn_layer_indices", "full_attn_idxs")
    if isinstance(rare, list):
        return ["full" if n in rare else "linear" for n in range(count)]
    return []


def _by_interval(fields: Fields, count: int) -> list[Mixer]:
    """Every so many layers attend to everything."""
    period = fields.whole("attn_layer_period")
    if period:
        offset = fields.whole("attn_layer_offset")
        return ["full" if n % period == offset else "linear" for n in range(count)]
    interval = fields.whole("full_attention_interval")
    if interval and fields.get("linear_num_value_heads") is not None:
        return [_last_of("linear", n, interval) for n in range(count)]
    return _sliding(fields, count)


def _last_of(most: Mixer, layer: int, interval: int) -> Mixer:
    return most if (layer + 1) % interval else "full"


def _sliding(fields: Fields, count: int) -> list[Mixer]:
    if fields.whole("attention_chunk_size") and not _slides(fields):
        listed = fields.flags("no_rope_layers", count)
        every = fields.whole("no_rope_layer_interval", default=4)
        return ["sliding" if one else "full" for one in listed] or [
            _last_of("sliding", n, every) for n in range(count)
        ]
    if not _slides(fields):
        return []
    pattern = _pattern(fields.get("sliding_window_pattern", "_sliding_window_pattern"))
    if pattern:
        return [_last_of("sliding", n, pattern) for n in range(count)]
    first = fields.whole("max_window_layers")
    return ["full" if n < first else "sliding" for n in range(count)]


def _slides(fields: Fields) -> bool:
    switched_off = fields.get("use_sliding_window") is False
    return not switched_off and fields.whole("sliding_window", "sliding_window_size") > 0


def _pattern(value: Any) -> int:
    """6, or "LLLG", where the global layer is the last of the pattern."""
    if isinstance(value, str):
        return len(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _feeds(fields: Fields, count: int) -> list[Feed]:
    """Which layers hold experts. All do unless something says otherwise."""
    listed = fields.flags("mlp_layer_types", count) or fields.flags("moe_layer_freq", count)
    if listed:
        return ["experts" if one in ("sparse", "moe", 1) else "dense" for one in listed]
    return ["experts" if _holds_experts(fields, n) else "dense" for n in range(count)]


def _holds_experts(fields: Fields, layer: int) -> bool:
    dense_first = fields.whole("first_k_dense_replace", "moe_layer_start_index", "num_dense_layers")
    if layer < dense_first or layer in _dense_by_name(fields):
        return False
    step = fields.whole("decoder_sparse_step", "interleave_moe_layer_step", default=1)
    period = fields.whole("expert_layer_period")
    if period:
        return layer % period == fields.whole("expert_layer_offset")
    return (layer + 1) % max(step, 1) == 0


def _dense_by_name(fields: Fields) -> list[Any]:
    named = fields.get("mlp_only_layers")
    return named if isinstance(named, list) else []

"""A Hugging Face `config.json` as a model of the catalogue."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from recommender.own import towers
from recommender.own.errors import OwnError
from recommender.own.fields import Fields
from recommender.own.layers import layers
from recommender.own.mixers import heads, latent, local_heads, state
from recommender.own.shape import Experts, Layer, Shape

MOST_BYTES = 4 * 1024 * 1024
NO_TEXT = "This is not JSON but bytes that are no text, and no GGUF file either: one is needed."
NESTED = ("text_config", "llm_config", "language_config", "thinker_config")
"""Where a model that also sees or hears keeps its language model."""
EXPERTS = (
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "moe_num_experts",
    "num_routed_experts",
)
ACTIVE = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "top_k_experts",
    "moe_topk",
    "moe_k",
    "moe_top_k",
)


def parse(text: str | bytes) -> dict[str, Any]:
    """The JSON object of a `config.json`.

    Raises:
        OwnError: too large, no JSON, or no object.
    """
    if len(text) > MOST_BYTES:
        raise OwnError(f"A config.json has at most {MOST_BYTES // 2**20} MiB; this is larger.")
    try:
        found = json.loads(text)
    except UnicodeDecodeError as error:
        raise OwnError(NO_TEXT) from error
    except (ValueError, RecursionError) as error:
        raise OwnError(f"This is not JSON: {str(error)[:120]}.") from error
    if not isinstance(found, dict):
        raise OwnError("A config.json is a JSON object, in braces; this is something else.")
    return found


def shape(config: Mapping[str, Any], *, name: str = "") -> Shape:
    """The language model's shape. `name`: what to call it; by default what the file says.

    Raises:
        OwnError: no language model's configuration, or something needed is missing: named.
    """
    fields, kind = _fields(config)
    _check_kind(config, fields, kind)
    found = _experts(fields, kind)
    rows = layers(fields, experts=found is not None)
    return _shape(config, fields, kind, rows, found, name)


def _fields(config: Mapping[str, Any]) -> tuple[Fields, str]:
    text = config
    for name in (*NESTED, "text_config"):
        inner = text.get(name)
        text = inner if isinstance(inner, Mapping) else text
    kind = str(text.get("model_type") or config.get("model_type") or "")
    family = kind.removesuffix("_text")
    known = architectures()["defaults"]
    return Fields(text, config, known.get(kind, known.get(family, {}))), family


@cache
def architectures() -> dict[str, Any]:
    """What `config.json` leaves out because the library knows it, by `model_type`."""
    path = files("recommender") / "data" / "architectures.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _check_kind(config: Mapping[str, Any], fields: Fields, kind: str) -> None:
    if fields.true("is_encoder_decoder") or "_class_name" in config:
        raise OwnError("This is no language model that writes word by word: nothing to estimate.")
    if fields.get("block_configs") is not None:
        raise OwnError("Its layers differ in size (block_configs), which is not read here.")
    if kind == "deepseek_v4" or fields.get("compress_ratios") is not None:
        raise OwnError("Its attention compresses tokens layer by layer, which is not read here.")


def _shape(
    config: Mapping[str, Any],
    fields: Fields,
    kind: str,
    rows: tuple[Layer, ...],
    experts: Experts | None,
    name: str,
) -> Shape:
    hidden = fields.need("hidden_size", "n_embd", "d_model")
    vocab = fields.need("vocab_size")
    attention = heads(fields, hidden, kind)
    width = fields.whole("hidden_size_per_layer_input")
    found = Shape(
        name=name or _name(config, kind),
        family=kind.replace("_", "-") or "unknown",
        hidden=hidden,
        vocab=vocab,
        context_max=_context(fields),
        tied=fields.true("tie_word_embeddings"),
        layers=rows,
        heads=attention,
        ffn=_dense(fields, kind, hidden, rows, experts),
        local=local_heads(fields, attention),
        window=fields.whole("sliding_window", "sliding_window_size", "attention_chunk_size"),
        latent=latent(fields),
        state=state(fields, hidden, rows),
        experts=experts,
        matrices=2 if kind in architectures()["ungated"] else 3,
        qkv_bias=kind in architectures()["qkv_bias"] or fields.true("qkv_bias"),
        qk_norm=kind in architectures()["qk_norm"],
        output_gate=kind in architectures()["output_gate"] or fields.true("attn_output_gate"),
        per_layer_width=width,
        per_layer_vocab=fields.whole("vocab_size_per_layer_input") if width else 0,
        wide_layers=_wide(fields),
        extra_params=towers.params(config),
        embedding_only=_embeds(config),
        upper_bound=fields.whole("num_kv_shared_layers") > 0,
        rope_theta=_rope_theta(fields),
        notes=tuple(_notes(fields, kind, config)),
    )
    fields.check("The config.json")
    return found


def _context(fields: Fields) -> int:
    return fields.need("max_position_embeddings", "n_positions", "max_sequence_length", "n_ctx")


def _rope_theta(fields: Fields) -> float | None:
    """Newer files keep it among `rope_parameters`."""
    value = fields.get("rope_theta")
    value = fields.part("rope_parameters").get("rope_theta") if value is None else value
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1e15:
        raise OwnError(f"rope_theta must be a number above 0, not {repr(value)[:40]}.")
    return float(value)


def _name(config: Mapping[str, Any], kind: str) -> str:
    said = str(config.get("_name_or_path") or "").strip()
    return said if said and not said.startswith((".", "/", "~")) else kind or "My model"


def _dense(
    fields: Fields, kind: str, hidden: int, rows: tuple[Layer, ...], experts: Experts | None
) -> int:
    """Width of a feed-forward block that is always on."""
    if experts is None and fields.whole("shared_intermediate_size"):
        return fields.whole("shared_intermediate_size")
    names = ("intermediate_size_mlp", "dense_intermediate_size", "intermediate_size", "n_inner")
    found = fields.whole(*names, "ffn_hidden_size", "ffn_dim")
    if not found and kind in architectures()["ungated"]:
        return 4 * hidden
    if not found and not any(row.feed == "dense" for row in rows) and experts:
        return experts.ffn
    return found or fields.need("intermediate_size")


def _wide(fields: Fields) -> int:
    return fields.whole("num_kv_shared_layers") if fields.true("use_double_wide_mlp") else 0


def _experts(fields: Fields, kind: str) -> Experts | None:
    count = fields.whole(*EXPERTS)
    if count < 2 or fields.get("enable_moe_block") is False:
        return None
    ffn = fields.whole("moe_intermediate_size", "expert_intermediate_size")
    ffn = ffn or fields.need("intermediate_size", "moe_intermediate_size")
    active = fields.need(*ACTIVE)
    if active > count:
        raise OwnError(f"{active} experts are active of {count}: that cannot be.")
    shared = _shared(fields, kind, ffn)
    narrow = fields.whole("moe_latent_size", "routed_expert_hidden_size")
    return Experts(count, active, ffn, shared=shared, width_in=narrow)


def _shared(fields: Fields, kind: str, ffn: int) -> int:
    """How wide all that is always on beside the routed experts is together."""
    if kind in architectures()["dense_beside_experts"]:
        return fields.whole("intermediate_size")
    several = fields.whole("n_shared_experts", "num_shared_experts", "moe_num_shared_experts")
    several = several or fields.whole("num_shared_expert")
    named = fields.whole("moe_shared_expert_intermediate_size", "shared_expert_intermediate_size")
    named = named or fields.whole("share_expert_dim", "shared_intermediate_size")
    return named * max(several, 1) if named else several * ffn


def _embeds(config: Mapping[str, Any]) -> bool:
    """No head that writes: it turns text into vectors."""
    said = config.get("architectures")
    named = [str(one) for one in said] if isinstance(said, list) else []
    return bool(named) and all(one.endswith("Model") for one in named)


def _notes(fields: Fields, kind: str, config: Mapping[str, Any]) -> list[str]:
    said = []
    if kind not in architectures()["known"]:
        said.append(f"The architecture {kind or 'without a name'} is read as others are built.")
    if fields.whole("num_nextn_predict_layers", "mtp_num_hidden_layers"):
        said.append("Without the layers that predict several tokens at once.")
    if fields.whole("num_kv_shared_layers"):
        said.append("Layers that share a cache are counted in full: the cache is an upper bound.")
    if fields.whole("index_topk") or fields.part("sparse_attention_config"):
        said.append("Sparse attention reads less of the cache than is counted.")
    if towers.params(config):
        said.append("Towers for pictures or sound are counted roughly.")
    return said

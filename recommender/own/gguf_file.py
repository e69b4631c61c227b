"""The head of a GGUF file as a model's shape."""

from __future__ import annotations

from typing import Any

from gguf.constants import LlamaFileType

from recommender.own.errors import OwnError
from recommender.own.fields import Fields
from recommender.own.gguf_layers import is_split, layers, window
from recommender.own.header import Header
from recommender.own.shape import Experts, Heads, Latent, Layer, Shape, State

PLAIN = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
UNGATED = frozenset(
    {"gpt2", "gptneox", "falcon", "bloom", "phi2", "starcoder2", "mpt", "nemotron_h"}
)
UNGATED |= {"nemotron_h_moe"}
GATED_OUTPUT = frozenset({"qwen3next", "qwen35", "qwen35moe"})
TOWER = frozenset({"clip", "mmproj"})


def shape(head: Header, *, name: str = "") -> Shape:
    """The language model's shape. `name`: by default what the file says.

    Raises:
        OwnError: no language model, or something needed is missing: named.
    """
    arch = str(head.values.get("general.architecture") or "")
    if not arch:
        raise OwnError("The GGUF file does not say its architecture (general.architecture).")
    if arch in TOWER:
        raise OwnError("This GGUF file holds a tower for pictures or sound, no language model.")
    fields = _Keys(head, arch)
    found = _shape(fields, head, arch, name or _name(head))
    fields.check("The GGUF file")
    return found


def params(head: Header) -> int | None:
    """Counted from the tensors themselves; None where the head was cut off before them."""
    if not head.whole or not head.tensors or is_split(head):
        return None
    return sum(t.elements for t in head.tensors if not t.name.startswith("rope_"))


def quant(head: Header) -> str | None:
    """The name of its quantisation, as llama.cpp calls it; None where the head does not say."""
    number = head.values.get("general.file_type")
    if not isinstance(number, int):
        return None
    known = {int(kind): kind.name for kind in LlamaFileType}
    named = known.get(number, "").removeprefix("MOSTLY_").removeprefix("ALL_")
    return named.removesuffix("_MOE") or None


def _name(head: Header) -> str:
    said = head.values.get("general.name") or head.values.get("general.basename")
    return str(said or "My model")


class _Keys(Fields):
    """Fields by their GGUF key, without the architecture before it."""

    def __init__(self, head: Header, arch: str) -> None:
        start = f"{arch}."
        found = {k.removeprefix(start): v for k, v in head.values.items() if k.startswith(start)}
        super().__init__(found)


def _shape(fields: Fields, head: Header, arch: str, name: str) -> Shape:
    hidden = fields.need("embedding_length")
    rows = layers(fields, head)
    latent, experts = _latent(fields), _experts(fields)
    wide, local = _heads(fields, hidden)
    shared = fields.whole("attention.shared_kv_layers")
    return Shape(
        name=name,
        family=PLAIN.get(arch, arch.replace("_", "-")),
        hidden=hidden,
        vocab=_vocab(fields, head),
        context_max=fields.need("context_length"),
        tied=_tied(head),
        layers=rows,
        heads=wide,
        ffn=fields.whole("feed_forward_length") or (experts.ffn if experts else 4 * hidden),
        local=local,
        window=window(fields),
        latent=latent,
        state=_state(fields, hidden, rows),
        experts=experts,
        matrices=2 if arch in UNGATED else 3,
        qkv_bias=arch in ("qwen2", "qwen2moe", "gpt-oss"),
        qk_norm=arch in ("qwen3", "qwen3moe", "gemma3", "gemma4"),
        output_gate=arch in GATED_OUTPUT,
        per_layer_width=fields.whole("embedding_length_per_layer_input"),
        per_layer_vocab=_vocab(fields, head),
        embedding_only=fields.whole("pooling_type") > 0,
        upper_bound=shared > 0,
        notes=tuple(_notes(head)),
    )


def _notes(head: Header) -> list[str]:
    said = []
    if not head.whole:
        said.append("The head of the file was cut off: parameters are computed from its sizes.")
    elif is_split(head):
        said.append("One file of several: parameters are computed from its sizes.")
    if head.values.get(f"{head.values['general.architecture']}.nextn_predict_layers"):
        said.append("Layers that predict several tokens at once are counted.")
    return said


def _vocab(fields: Fields, head: Header) -> int:
    words = head.lengths.get("tokenizer.ggml.tokens", 0)
    return words or fields.need("vocab_size")


def _tied(head: Header) -> bool:
    """Without an output matrix of its own the embedding is used again."""
    names = {tensor.name for tensor in head.tensors}
    if names:
        return "token_embd.weight" in names and "output.weight" not in names
    return str(head.values.get("general.architecture")).startswith(("gemma", "command"))


def _heads(fields: Fields, hidden: int) -> tuple[Heads, Heads | None]:
    """Of layers that attend to everything, and of those that slide where these differ."""
    query = fields.need("attention.head_count")
    kv = fields.whole("attention.head_count_kv") or query
    key = fields.whole("attention.key_length") or max(hidden // query, 1)
    value = fields.whole("attention.value_length") or key
    near = fields.whole("attention.key_length_swa")
    if not near:
        return Heads(query, kv, key, value), None
    far_kv = _fewest(fields.get("attention.head_count_kv")) or kv
    near_value = fields.whole("attention.value_length_swa") or near
    return Heads(query, far_kv, key, value), Heads(query, kv, near, near_value)


def _fewest(value: Any) -> int:
    """Where layers differ, global ones have the fewest heads of keys and values."""
    numbers = [one for one in value if one] if isinstance(value, list) else []
    return min(numbers, default=0)


def _latent(fields: Fields) -> Latent | None:
    rank = fields.whole("attention.kv_lora_rank")
    if not rank:
        return None
    rope = fields.need("rope.dimension_count")
    key = fields.whole("attention.key_length_mla") or fields.need("attention.key_length")
    value = fields.whole("attention.value_length_mla") or fields.need("attention.value_length")
    query = fields.whole("attention.q_lora_rank")
    return Latent(query, rank, max(key - rope, 1), rope, value)


def _experts(fields: Fields) -> Experts | None:
    count = fields.whole("expert_count")
    if count < 2:
        return None
    ffn = fields.whole("expert_feed_forward_length") or fields.need("feed_forward_length")
    several = fields.whole("expert_shared_count")
    shared = fields.whole("expert_shared_feed_forward_length") or several * ffn
    active = min(fields.need("expert_used_count"), count)
    return Experts(count, active, ffn, shared, fields.whole("moe_latent_size"))


def _state(fields: Fields, hidden: int, rows: tuple[Layer, ...]) -> State | None:
    if not any(row.mixer == "linear" for row in rows):
        return None
    short = fields.whole("shortconv.l_cache")
    if short:
        return State(hidden, 0, 0, short, 4 * hidden * hidden + short * hidden)
    inner, size = fields.need("ssm.inner_size"), fields.need("ssm.state_size")
    width = 2 * fields.whole("ssm.group_count") * size
    number = fields.whole("ssm.time_step_rank")
    kernel = fields.whole("ssm.conv_kernel", default=4)
    params_ = hidden * (3 * inner + width + 2 * number) + kernel * (inner + width)
    return State(inner, width, size, kernel, params_)

"""The shape of a transformer, as far as its speed and memory depend on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from benchruns.host.errors import CannotMeasure
from recommender.catalogue import Model

GEMMA3_EVERY, GPT_OSS_EVERY = 6, 2  # each so-many-th layer sees the whole context


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes in elements. `tied`: the output layer is the token embedding.

    With `experts` every layer has that many feed-forward networks of `expert_ffn`, of which a token
    is sent to `experts_used`. With `window` only each `full_every`-th layer sees further back.
    """

    arch: str  # llama | qwen2 | qwen3 | qwen3moe | gemma3 | gpt-oss
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    context_max: int
    tied: bool
    rope_theta: float = 500_000.0
    experts: int = 0
    experts_used: int = 0
    expert_ffn: int = 0
    window: int = 0
    full_every: int = 0
    layers_of: int = 0  # the model's own number where only some of its layers are made

    def spec(self) -> dict[str, int | float | str]:
        """What does not apply is left out: a dense shape says nothing of experts."""
        told = {k: int(v) if isinstance(v, bool) else v for k, v in asdict(self).items()}
        return {k: v for k, v in told.items() if v or k not in _OPTIONAL}

    def kv_bytes_per_token(self) -> int:
        """Keys and values of all layers at 16 bit, as if every layer kept every token."""
        return 2 * self.layers * self.kv_heads * self.head_dim * 2


_OPTIONAL = {"experts", "experts_used", "expert_ffn", "window", "full_every", "layers_of"}


def from_model(model: Model) -> Shape:
    """A catalogue entry. Raises CannotMeasure where its tensors are not those of a known shape."""
    arch = _architecture(model)
    if arch is None:
        raise CannotMeasure(
            f"{model.name} has layers whose tensors are not known here, so synthetic weights of it "
            "cannot be made yet. Its GGUF file by path is measured whatever its shape."
        )
    every = {"gemma3": GEMMA3_EVERY, "gpt-oss": GPT_OSS_EVERY}.get(arch, 0)
    return Shape(
        arch=arch,
        layers=model.layers,
        hidden=model.hidden,
        heads=model.heads,
        kv_heads=model.kv_heads,
        head_dim=model.head_dim,
        ffn=model.ffn,
        vocab=model.vocab,
        context_max=model.context_max,
        tied=model.tied,
        experts=model.experts or 0,
        experts_used=model.active_experts or 0,
        expert_ffn=(model.expert_ffn or 0) if model.experts else 0,
        window=(model.attention.window or 0) if every else 0,
        full_every=every,
    )


_MIXTURES = {"qwen3": "qwen3moe", "mixtral": "llama", "gpt-oss": "gpt-oss"}


def _architecture(model: Model) -> str | None:
    """None for what is not known: other norms, shared experts, states, compressed keys."""
    if model.experts is not None:
        return None if model.moe_layers else _MIXTURES.get(model.family)
    if model.family == "gemma3":
        return "gemma3"
    if not model.llama_shaped:
        return None
    return "qwen3" if model.qk_norm else "qwen2" if model.qkv_bias else "llama"

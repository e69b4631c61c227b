"""What the catalogue holds of models and quantisations (of machines: `hardware.py`).

An entry without a source or with an unknown field does not load. Units are in the names: GiB is
2**30 bytes, GB/s is 10**9 bytes a second, TFLOP/s is dense.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

GIB = 2**30
Precision = Literal["fp16", "fp8", "int8", "fp4"]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Entry):
    """Where a fact comes from: a URL, a citation or both. `checked`: the day it was compared."""

    url: str = ""
    cite: str = ""
    checked: str | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Source:
        if not (self.url or self.cite):
            msg = "a source needs a `url` or a `cite`"
            raise ValueError(msg)
        return self


Sources = Annotated[tuple[Source, ...], Field(min_length=1)]


NEEDED = {"sliding": ("full_layers", "window"), "mla": ("latent",), "hybrid": ("full_layers",)}


class Attention(Entry):
    """How the layers remember. Plain attention when nothing but `kind` is given.

    full     every layer keeps K and V of every token
    sliding  only `full_layers` do; the others keep the last `window` tokens
    mla      one compressed vector of `latent` numbers per layer and token (no separate V)
    hybrid   only `full_layers` do; the others keep `state_bytes` per sequence, whatever its length
    """

    kind: Literal["full", "sliding", "mla", "hybrid"] = "full"
    full_layers: int | None = None
    window: int | None = None
    full_kv_heads: int | None = None
    full_head_dim: int | None = None
    latent: int | None = None
    state_bytes: int = 0
    upper_bound: bool = False  # what is computed is known to be too much, never too little

    @model_validator(mode="after")
    def _is_complete(self) -> Attention:
        needed = {
            "sliding": ("full_layers", "window"),
            "mla": ("latent",),
            "hybrid": ("full_layers",),
        }
        missing = [name for name in needed.get(self.kind, ()) if getattr(self, name) is None]
        if missing:
            msg = f"{self.kind} attention needs {', '.join(missing)}"
            raise ValueError(msg)
        return self


class Repositories(Entry):
    """Where the weights really are; None where nobody checked that such a repository exists.

    `gguf_quants` are the quantisations that the GGUF repository holds, `ollama_tags` says which
    tag of the Ollama library is which quantisation. `quantised`: repositories with safetensors of
    further quantisations, by their id.
    """

    ollama: str | None = None
    ollama_tags: dict[str, str] = {}
    gguf: str | None = None
    gguf_quants: tuple[str, ...] = ()
    gguf_pattern: str = "*{quant}*.gguf"  # of the files that hold one quantisation
    fp8: str | None = None
    awq: str | None = None
    quantised: dict[str, str] = {}
    mlx: dict[str, str] = {}

    def folder(self, quant_id: str) -> str | None:
        """The one with safetensors of that quantisation; None: none is known."""
        copies = {"FP8": self.fp8, "AWQ": self.awq, **self.quantised}
        return copies.get(quant_id)


class Model(Entry):
    """The shape of one model. `params`: the language model, `extra_params`: towers beside it."""

    id: str
    name: str
    hf_id: str
    native: str = "BF16"  # the quantisation of the weights at `hf_id`, as they were published first
    family: str
    aliases: tuple[str, ...] = ()
    params: int
    extra_params: int = 0
    active_params: int | None = None
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    tied: bool = False  # input and output embedding are one matrix
    looked_up_params: int = 0  # of `params`, in tables of which a token reads one row a layer
    experts: int | None = None
    active_experts: int | None = None
    expert_ffn: int | None = None
    moe_layers: int | None = None
    context_max: int
    llama_shaped: bool = False  # plain decoder whose parameters follow from the fields above
    qk_norm: bool = False
    qkv_bias: bool = False
    gated: bool = False  # its repository asks for a licence to be accepted first
    embedding_only: bool = False
    attention: Attention = Attention()
    repositories: Repositories = Repositories()
    released: str = ""
    note: str = ""
    sources: Sources

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this model is called."""
        return (self.id, self.name, self.hf_id, self.hf_id.split("/")[-1], *self.aliases)

    @property
    def params_b(self) -> float:
        """Billions of parameters, towers included."""
        return (self.params + self.extra_params) / 1e9

    @property
    def active(self) -> int:
        """Parameters one token touches."""
        return self.active_params or self.params

    @property
    def embedding_params(self) -> int:
        """One embedding matrix."""
        return self.vocab * self.hidden

    @property
    def expert_params(self) -> int:
        """Parameters that sit in routed experts."""
        if self.experts is None or self.expert_ffn is None:
            return 0
        return (self.moe_layers or self.layers) * self.experts * 3 * self.hidden * self.expert_ffn

    def folder(self, quant_id: str) -> str | None:
        """The repository with its weights as safetensors of that quantisation; None: none is
        known."""
        copy = self.repositories.folder(quant_id)
        return copy or (self.hf_id if quant_id == self.native else None)

    @model_validator(mode="after")
    def _moe_is_complete(self) -> Model:
        parts = (self.experts, self.active_experts, self.expert_ffn, self.active_params)
        if any(part is None for part in parts) and any(part is not None for part in parts):
            msg = f"{self.id}: give all of experts, active_experts, expert_ffn, active_params"
            raise ValueError(msg)
        return self


class Variant(Entry):
    """One quantisation as one file format stores it, in bits per weight by kind of tensor."""

    format: Literal["gguf", "safetensors", "mlx"]
    engines: tuple[str, ...]
    body_bits: float
    expert_bits: float | None = None  # where routed experts are stored differently
    beside_experts_bits: float | None = None  # of a mixture's other layers, where that differs
    embedding_bits: float
    output_bits: float


class Generation(Entry):
    """These engines run a quantisation on NVIDIA GPUs from this compute capability on."""

    engines: tuple[str, ...]
    compute_capability: float
    sources: Sources


class Quant(Entry):
    """`bits_per_weight` is that of the whole file of an 8-billion model, measured, not nominal."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    bits_per_weight: float
    compute: Precision = "fp16"  # what the multiplication runs in
    needs_compute: bool = False  # the device must have that precision in hardware
    only: tuple[str, ...] = ()  # families that are published in it; empty: any
    quality: int  # rank, higher keeps more of the model
    why: str  # the end of "Q4_K_M: …"
    generations: tuple[Generation, ...] = ()
    variants: Annotated[tuple[Variant, ...], Field(min_length=1)]
    sources: Sources

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this quantisation is called."""
        return (self.id, *self.aliases)

    @property
    def format(self) -> str:
        """The first (usual) file format."""
        return self.variants[0].format

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines that load some format of it."""
        return tuple(dict.fromkeys(e for v in self.variants for e in v.engines))

    def least_capability(self, engine_id: str) -> float:
        """The oldest NVIDIA generation on which this engine runs it; 0 where no limit is known."""
        found = (g.compute_capability for g in self.generations if engine_id in g.engines)
        return next(found, 0.0)

    def variant(self, engine_id: str) -> Variant | None:
        """What this engine would load; None when it loads none of the formats."""
        return next((v for v in self.variants if engine_id in v.engines), None)


class Default(Entry):
    """Which model to suggest when nobody asked for one: the first whose limits hold."""

    model: str
    purposes: tuple[str, ...] = ()
    hardware: tuple[str, ...] = ()
    memory_gib: float
    why: str
    sources: Sources

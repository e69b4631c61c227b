"""Which tensors a model consists of, in the order of the file, each with its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from benchruns.host.synthetic import mixture
from benchruns.host.synthetic.mixture import QUANTS as QUANTS
from benchruns.host.synthetic.mixture import LayerKinds
from benchruns.host.synthetic.shape import Shape

Q = GGMLQuantizationType
EMBEDDING, OUTPUT = "token_embd.weight", "output.weight"
EXPERTS = "_exps."


@dataclass(frozen=True, slots=True)
class Tensor:
    """`shape` as NumPy says it: rows first, the contiguous dimension last."""

    name: str
    shape: tuple[int, ...]
    kind: GGMLQuantizationType

    @property
    def nbytes(self) -> int:
        weights, size = GGML_QUANT_SIZES[self.kind]
        return prod(self.shape) // weights * size

    @property
    def ones(self) -> bool:
        """Norms let everything pass as it is; all else is random, a router above all."""
        return self.name.endswith("norm.weight")


def file_type(quant: str) -> LlamaFileType:
    return mixture.known(quant)[0]


def tensors(shape: Shape, quant: str) -> tuple[Tensor, ...]:
    """All tensors in file order. Raises CannotMeasure where the sizes do not divide."""
    mixture.check(shape, quant)
    return (*_outer(shape, quant), *_all_layers(shape, quant))


def weights_bytes(shape: Shape, quant: str) -> int:
    return sum(tensor.nbytes for tensor in tensors(shape, quant))


def decode_bytes(shape: Shape, quant: str) -> int:
    """What a decode step of one sequence reads: all of it, but only one row of an embedding that is
    not tied, and of the experts only those that one token is sent to.
    """
    return sum(_of_a_token(part, part.nbytes, shape) for part in tensors(shape, quant))


def _of_a_token(part: Tensor, whole: int, shape: Shape) -> int:
    if part.name == EMBEDDING and not shape.tied:
        return 0
    if EXPERTS in part.name:
        return whole * shape.experts_used // shape.experts
    return whole


def params(shape: Shape) -> int:
    return sum(prod(tensor.shape) for tensor in tensors(shape, "F16"))


def active_params(shape: Shape) -> int:
    """Those that one token is multiplied with."""
    return sum(_of_a_token(part, prod(part.shape), shape) for part in tensors(shape, "F16"))


def _outer(shape: Shape, quant: str) -> Iterator[Tensor]:
    size = (shape.vocab, shape.hidden)
    yield _matrix(EMBEDDING, size, mixture.embedding(shape, quant))
    yield _vector("output_norm.weight", shape.hidden)
    if not shape.tied:
        yield _matrix(OUTPUT, size, mixture.output(quant))


def _all_layers(shape: Shape, quant: str) -> Iterator[Tensor]:
    for index in range(shape.layers):
        kinds, at = mixture.layer(shape, quant, index), f"blk.{index}."
        yield from _attention(shape, at, kinds)
        yield from _ATTENTION_EXTRAS.get(shape.arch, _nothing)(shape, at)
        yield from _experts(shape, at, kinds) if shape.experts else _dense(shape, at, kinds)


def _attention(shape: Shape, at: str, kinds: LayerKinds) -> Iterator[Tensor]:
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    hidden = shape.hidden
    yield _vector(f"{at}attn_norm.weight", hidden)
    yield _matrix(f"{at}attn_q.weight", (queries, hidden), kinds.most)
    yield _matrix(f"{at}attn_k.weight", (keys, hidden), kinds.keys)
    yield _matrix(f"{at}attn_v.weight", (keys, hidden), kinds.values)
    yield _matrix(f"{at}attn_output.weight", (hidden, queries), kinds.attention_out)


def _dense(shape: Shape, at: str, kinds: LayerKinds) -> Iterator[Tensor]:
    hidden, ffn = shape.hidden, shape.ffn
    yield _vector(f"{at}ffn_norm.weight", hidden)
    yield _matrix(f"{at}ffn_gate.weight", (ffn, hidden), kinds.most)
    yield _matrix(f"{at}ffn_up.weight", (ffn, hidden), kinds.most)
    yield _matrix(f"{at}ffn_down.weight", (hidden, ffn), kinds.down)


def _experts(shape: Shape, at: str, kinds: LayerKinds) -> Iterator[Tensor]:
    n, hidden, ffn = shape.experts, shape.hidden, shape.expert_ffn
    if shape.arch != "gpt-oss":
        yield _vector(f"{at}ffn_norm.weight", hidden)
    yield _vector(f"{at}ffn_gate_inp.weight", n, hidden)
    yield _matrix(f"{at}ffn_gate{EXPERTS}weight", (n, ffn, hidden), kinds.experts)
    yield _matrix(f"{at}ffn_up{EXPERTS}weight", (n, ffn, hidden), kinds.experts)
    yield _matrix(f"{at}ffn_down{EXPERTS}weight", (n, hidden, ffn), kinds.down)
    if shape.arch == "gpt-oss":
        yield _vector(f"{at}ffn_gate_inp.bias", n)
        yield _vector(f"{at}ffn_gate{EXPERTS}bias", n, ffn)
        yield _vector(f"{at}ffn_up{EXPERTS}bias", n, ffn)
        yield _vector(f"{at}ffn_down{EXPERTS}bias", n, hidden)


def _biases(shape: Shape, at: str) -> Iterator[Tensor]:
    yield _vector(f"{at}attn_q.bias", shape.heads * shape.head_dim)
    yield _vector(f"{at}attn_k.bias", shape.kv_heads * shape.head_dim)
    yield _vector(f"{at}attn_v.bias", shape.kv_heads * shape.head_dim)


def _head_norms(shape: Shape, at: str) -> Iterator[Tensor]:
    yield _vector(f"{at}attn_q_norm.weight", shape.head_dim)
    yield _vector(f"{at}attn_k_norm.weight", shape.head_dim)


def _gemma3(shape: Shape, at: str) -> Iterator[Tensor]:
    yield from _head_norms(shape, at)
    yield _vector(f"{at}post_attention_norm.weight", shape.hidden)
    yield _vector(f"{at}post_ffw_norm.weight", shape.hidden)


def _gpt_oss(shape: Shape, at: str) -> Iterator[Tensor]:
    yield from _biases(shape, at)
    yield _vector(f"{at}attn_output.bias", shape.hidden)
    yield _vector(f"{at}attn_sinks.weight", shape.heads)
    yield _vector(f"{at}post_attention_norm.weight", shape.hidden)


def _nothing(shape: Shape, at: str) -> Iterator[Tensor]:
    del shape, at
    return iter(())


_ATTENTION_EXTRAS = {
    "qwen2": _biases,
    "qwen3": _head_norms,
    "qwen3moe": _head_norms,
    "gemma3": _gemma3,
    "gpt-oss": _gpt_oss,
}


def _vector(name: str, *size: int) -> Tensor:
    """Never quantised: norms, biases and routers."""
    return Tensor(name, size, Q.F32)


def _matrix(name: str, size: tuple[int, ...], kind: Q) -> Tensor:
    return Tensor(name, size, mixture.fitting(name, size[-1], kind))

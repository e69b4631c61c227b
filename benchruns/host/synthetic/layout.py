"""Which tensors a model consists of and how each is quantised, as llama.cpp's own quantiser does.

Mixtures: llama.cpp `src/llama-quant.cpp`, `llama_tensor_get_type`, without an importance matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic.shape import Shape

Q = GGMLQuantizationType
EMBEDDING, OUTPUT = "token_embd.weight", "output.weight"

# quantisation -> (its file type, the type of most of its matrices)
QUANTS = {
    "F16": (LlamaFileType.MOSTLY_F16, Q.F16),
    "BF16": (LlamaFileType.MOSTLY_BF16, Q.BF16),
    "Q8_0": (LlamaFileType.MOSTLY_Q8_0, Q.Q8_0),
    "Q6_K": (LlamaFileType.MOSTLY_Q6_K, Q.Q6_K),
    "Q5_K_M": (LlamaFileType.MOSTLY_Q5_K_M, Q.Q5_K),
    "Q4_K_M": (LlamaFileType.MOSTLY_Q4_K_M, Q.Q4_K),
    "Q5_0": (LlamaFileType.MOSTLY_Q5_0, Q.Q5_0),
    "Q4_0": (LlamaFileType.MOSTLY_Q4_0, Q.Q4_0),
}
_PLAIN = {"F16", "BF16", "Q8_0"}  # one type for every matrix
_MIXED = {"Q5_K_M", "Q4_K_M"}  # better types for the tensors that matter most
_SHARED_VALUES = 80  # layers of the 70B class, whose values many heads share: a bit more for them
# K types need rows of whole 256-weight blocks; where rows are not, the quantiser falls back.
_FALLBACK = {Q.Q4_K: Q.Q5_0, Q.Q5_K: Q.Q8_0, Q.Q6_K: Q.Q8_0}


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


def file_type(quant: str) -> LlamaFileType:
    return _known(quant)[0]


def _known(quant: str) -> tuple[LlamaFileType, GGMLQuantizationType]:
    if quant not in QUANTS:
        raise CannotMeasure(
            f"Synthetic weights in {quant!r} cannot be made yet; {', '.join(QUANTS)} can."
        )
    return QUANTS[quant]


def tensors(shape: Shape, quant: str) -> tuple[Tensor, ...]:
    """All tensors in file order. Raises CannotMeasure where the sizes do not divide."""
    _known(quant)
    return (*_outer(shape, quant), *_all_layers(shape, quant))


def weights_bytes(shape: Shape, quant: str) -> int:
    return sum(tensor.nbytes for tensor in tensors(shape, quant))


def decode_bytes(shape: Shape, quant: str) -> int:
    """What a decode step reads: all of it, but only one row of an embedding that is not tied."""
    parts = tensors(shape, quant)
    looked_up = 0 if shape.tied else next(t.nbytes for t in parts if t.name == EMBEDDING)
    return sum(part.nbytes for part in parts) - looked_up


def params(shape: Shape) -> int:
    return sum(prod(tensor.shape) for tensor in tensors(shape, "F16"))


def _outer(shape: Shape, quant: str) -> Iterator[Tensor]:
    size = (shape.vocab, shape.hidden)
    most = _known(quant)[1]
    output = most if quant in _PLAIN else Q.Q6_K
    yield _matrix(EMBEDDING, size, output if shape.tied else most)
    yield _vector("output_norm.weight", shape.hidden)
    if not shape.tied:
        yield _matrix(OUTPUT, size, output)


def _all_layers(shape: Shape, quant: str) -> Iterator[Tensor]:
    for layer in range(shape.layers):
        most = _known(quant)[1]
        better = Q.Q6_K if quant in _MIXED and _gets_more_bits(layer, shape.layers) else most
        values = Q.Q5_K if (shape.layers, better) == (_SHARED_VALUES, Q.Q4_K) else better
        yield from _layer(shape, f"blk.{layer}.", most, better, values)


def _gets_more_bits(layer: int, layers: int) -> bool:
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def _layer(shape: Shape, at: str, most: Q, better: Q, values: Q) -> Iterator[Tensor]:
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    hidden, ffn = shape.hidden, shape.ffn
    yield _vector(f"{at}attn_norm.weight", hidden)
    yield _matrix(f"{at}attn_q.weight", (queries, hidden), most)
    yield _matrix(f"{at}attn_k.weight", (keys, hidden), most)
    yield _matrix(f"{at}attn_v.weight", (keys, hidden), values)
    yield _matrix(f"{at}attn_output.weight", (hidden, queries), most)
    yield from _extras(shape, at, queries, keys)
    yield _vector(f"{at}ffn_norm.weight", hidden)
    yield _matrix(f"{at}ffn_gate.weight", (ffn, hidden), most)
    yield _matrix(f"{at}ffn_up.weight", (ffn, hidden), most)
    yield _matrix(f"{at}ffn_down.weight", (hidden, ffn), better)


def _extras(shape: Shape, at: str, queries: int, keys: int) -> Iterator[Tensor]:
    """Qwen2 adds biases, Qwen3 norms of queries and keys."""
    if shape.arch == "qwen2":
        yield _vector(f"{at}attn_q.bias", queries)
        yield _vector(f"{at}attn_k.bias", keys)
        yield _vector(f"{at}attn_v.bias", keys)
    if shape.arch == "qwen3":
        yield _vector(f"{at}attn_q_norm.weight", shape.head_dim)
        yield _vector(f"{at}attn_k_norm.weight", shape.head_dim)


def _vector(name: str, size: int) -> Tensor:
    return Tensor(name, (size,), Q.F32)


def _matrix(name: str, size: tuple[int, int], kind: Q) -> Tensor:
    if size[1] % GGML_QUANT_SIZES[kind][0]:
        kind = _FALLBACK.get(kind, kind)
    if size[1] % GGML_QUANT_SIZES[kind][0]:
        raise CannotMeasure(
            f"{name} has rows of {size[1]} weights; {kind.name} needs multiples of "
            f"{GGML_QUANT_SIZES[kind][0]}. F16 has no such limit."
        )
    return Tensor(name, size, kind)

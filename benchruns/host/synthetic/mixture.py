"""How each tensor is quantised: the mixtures of llama.cpp's own quantiser.

llama.cpp `src/llama-quant.cpp`, `llama_tensor_get_type_impl` and `tensor_type_fallback`, without an
importance matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic.shape import Shape

Q = GGMLQuantizationType

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
    "MXFP4": (LlamaFileType.MOSTLY_MXFP4_MOE, Q.Q8_0),  # of experts; everything else is Q8_0
}
_UNQUANTISED = {"F16", "BF16"}
_PLAIN = {*_UNQUANTISED, "Q8_0", "MXFP4"}  # the output has the type of the other matrices
_MIXED = {"Q5_K_M", "Q4_K_M"}  # better types for the tensors that matter most
_SHARED_VALUES = 80  # layers of the 70B class, whose values many heads share: a bit more for them
_FEW_EXPERTS = 8  # with just so many the attention is little beside them and gets more bits
# K types need rows of whole 256-weight blocks; where rows are not, the quantiser falls back.
_FALLBACK = {Q.Q4_K: Q.Q5_0, Q.Q5_K: Q.Q5_1, Q.Q6_K: Q.Q8_0}


@dataclass(frozen=True, slots=True)
class LayerKinds:
    """Types of one layer's matrices; those not named here have `most`."""

    most: Q
    keys: Q
    values: Q
    attention_out: Q
    down: Q
    experts: Q


def known(quant: str) -> tuple[LlamaFileType, Q]:
    """Raises CannotMeasure with the ones there are."""
    if quant not in QUANTS:
        raise CannotMeasure(
            f"Synthetic weights in {quant!r} cannot be made yet; {', '.join(QUANTS)} can."
        )
    return QUANTS[quant]


def check(shape: Shape, quant: str) -> None:
    """Raises CannotMeasure for a quantisation that this shape cannot have."""
    known(quant)
    if quant == "MXFP4" and not shape.experts:
        raise CannotMeasure("MXFP4 quantises experts only; a model without any needs another.")


def embedding(shape: Shape, quant: str) -> Q:
    return output(quant) if shape.tied else known(quant)[1]


def output(quant: str) -> Q:
    return known(quant)[1] if quant in _PLAIN else Q.Q6_K


def layer(shape: Shape, quant: str, index: int) -> LayerKinds:
    most = known(quant)[1]
    better = Q.Q6_K if quant in _MIXED and _gets_more_bits(index, shape.layers) else most
    values = Q.Q5_K if (shape.layers, better) == (_SHARED_VALUES, Q.Q4_K) else better
    experts = Q.MXFP4 if quant == "MXFP4" else most
    down = experts if quant == "MXFP4" else better
    if shape.experts == _FEW_EXPERTS and quant not in {*_UNQUANTISED, "MXFP4"}:
        out = Q.Q5_K if quant == "Q4_K_M" else most
        return LayerKinds(most, Q.Q8_0, Q.Q8_0, out, down, experts)
    return LayerKinds(most, most, values, most, down, experts)


def _gets_more_bits(index: int, layers: int) -> bool:
    eighth = layers // 8
    return index < eighth or index >= 7 * layers // 8 or (index - eighth) % 3 == 2


def fitting(name: str, row: int, kind: Q) -> Q:
    """What a matrix with rows of `row` weights really gets. Raises CannotMeasure."""
    if row % GGML_QUANT_SIZES[kind][0]:
        kind = _FALLBACK.get(kind, kind)
    if row % GGML_QUANT_SIZES[kind][0]:
        raise CannotMeasure(
            f"{name} has rows of {row} weights; {kind.name} needs multiples of "
            f"{GGML_QUANT_SIZES[kind][0]}. F16 has no such limit."
        )
    return kind

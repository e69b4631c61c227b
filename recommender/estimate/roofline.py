"""What physics allows: no engine reads the weights faster than the memory delivers them."""

from __future__ import annotations

from recommender.catalogue import Device, Model, Quant, Variant
from recommender.estimate.weights import step_bytes


def decode_limit(device: Device, model: Model, quant: Quant) -> float:
    """Output tokens/s of one user if every stored weight (of the experts a token uses) is read
    once for each token and nothing else: bandwidth over bytes, as it is usually quoted.

    Leaves out the cache, so that it holds for every context. Whether the model fits is
    `estimate.memory`'s matter.
    """
    return device.bandwidth_gb_s * 1e9 / min(_stored(model, v) for v in quant.variants)


def hard_limit(device: Device, model: Model, quant: Quant) -> float:
    """The same without the input embedding, of which a step reads one row only: a measured figure
    above it is impossible without reading less (speculation, a cached prompt, another model)."""
    return device.bandwidth_gb_s * 1e9 / min(step_bytes(model, v, 1) for v in quant.variants)


def _stored(model: Model, variant: Variant) -> float:
    embedding = 0.0 if model.tied else model.embedding_params * variant.embedding_bits / 8
    return step_bytes(model, variant, 1) + embedding

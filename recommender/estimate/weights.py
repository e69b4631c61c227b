"""How large the weights are, and how much of them one decode step reads."""

from __future__ import annotations

from recommender.catalogue import Model, Quant, Variant


def variant_of(engine_id: str, quant: Quant) -> Variant:
    """The file format this engine loads.

    Raises:
        ValueError: the engine loads no format of this quantisation.
    """
    variant = quant.variant(engine_id)
    if variant is None:
        msg = f"{engine_id} does not load {quant.id}; it is for {', '.join(quant.engines)}"
        raise ValueError(msg)
    return variant


def weights_bytes(model: Model, variant: Variant) -> float:
    """The whole model as stored. Towers beside the language model stay in 16 bits, and GGUF keeps
    them in a file of their own that text alone does not need."""
    towers = 0.0 if variant.format == "gguf" else model.extra_params * 16
    return (_body_bits(model, variant, 1.0) + _ends_bits(model, variant) + towers) / 8


def bits_per_weight(model: Model, variant: Variant) -> float:
    """What one weight of this very model takes on average in the file `weights_bytes` sizes."""
    towers = 0.0 if variant.format == "gguf" else model.extra_params
    return weights_bytes(model, variant) * 8 / (model.params + towers)


def step_bytes(model: Model, variant: Variant, sequences: float) -> float:
    """What one decode step of that many sequences reads: everything but input embeddings (a row of
    each is looked up) and those experts that no token of the batch chose."""
    output = model.embedding_params * variant.output_bits
    tables = model.looked_up_params * variant.body_bits
    return (_body_bits(model, variant, experts_read(model, sequences)) - tables + output) / 8


def experts_read(model: Model, sequences: float) -> float:
    """Share of the routed experts that a batch touches when tokens choose independently."""
    if model.experts is None or model.active_experts is None:
        return 1.0
    untouched = 1.0 - model.active_experts / model.experts
    return float(1.0 - untouched ** max(sequences, 1.0))


def _ends_bits(model: Model, variant: Variant) -> float:
    one = model.embedding_params
    if model.tied:
        return one * variant.output_bits
    return one * (variant.embedding_bits + variant.output_bits)


def _body_bits(model: Model, variant: Variant, share: float) -> float:
    ends = model.embedding_params * (1 if model.tied else 2)
    experts = min(float(model.expert_params), float(model.params - ends))
    dense = model.params - ends - experts
    if experts <= 0:
        return dense * variant.body_bits
    beside = variant.beside_experts_bits or variant.body_bits
    return dense * beside + experts * share * (variant.expert_bits or variant.body_bits)

"""Which repository holds the weights for engines that load safetensors or MLX folders."""

from __future__ import annotations

from recommender.recipe.plan import Plan
from recommender.recipe.server import own_path


def repository(plan: Plan) -> str:
    """The one published in that quantisation, else the original, quantised while loading; of
    weights that nobody publishes the reader's folder."""
    if plan.own_weights:
        return own_path(plan)
    if plan.variant.format == "mlx":
        return plan.model.repositories.mlx.get(plan.quant.id, plan.model.hf_id)
    return plan.model.folder(plan.quant.id) or plan.model.hf_id


def quantise_flag(plan: Plan, name: str) -> tuple[str, ...]:
    """FP8 from 16-bit weights needs saying; published quantisations are recognised."""
    on_the_fly = plan.quant.id == "FP8" and plan.model.folder("FP8") is None
    return (name, "fp8") if on_the_fly and not plan.own_weights else ()

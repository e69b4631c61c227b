"""Which repository holds the weights for engines that load safetensors."""

from __future__ import annotations

from recommender.recipe.plan import Plan


def repository(plan: Plan) -> str:
    """The one published in that quantisation, else the original, quantised while loading."""
    places = plan.model.repositories
    published = {"FP8": places.fp8, "AWQ": places.awq}.get(plan.quant.id)
    return published or plan.model.hf_id


def quantise_flag(plan: Plan, name: str) -> tuple[str, ...]:
    """FP8 from 16-bit weights needs saying; published quantisations are recognised."""
    on_the_fly = plan.quant.id == "FP8" and plan.model.repositories.fp8 is None
    return (name, "fp8") if on_the_fly else ()

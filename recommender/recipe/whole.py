"""What a recipe has beside its commands: files to download and the way to other engines.

Worked out only where it is shown or kept, because a verdict needs none of it.
"""

from __future__ import annotations

from dataclasses import replace

from recommender import catalogue
from recommender.recipe.forms import forms
from recommender.recipe.switching import switches
from recommender.recommendation import Recommendation


def with_forms(rec: Recommendation) -> Recommendation:
    """The same recommendation with its files and switches; unchanged where there is no recipe."""
    if not (rec.commands and rec.engine and rec.model and rec.quant and rec.facts):
        return rec
    known = catalogue.load()
    model, quant = known.model(rec.model.id), known.quants[rec.quant.id]
    assert model is not None
    others = tuple(runner.engine for runner in rec.runners_up)
    return replace(
        rec,
        forms=forms(rec.engine.id, model, quant, rec.facts, known),
        switches=tuple(switches(rec.engine.id, (model, quant), others, rec.facts, known)),
    )

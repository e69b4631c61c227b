"""From a decision to commands that work when pasted: one file per engine, one per form."""

from recommender.recipe.commands import commands
from recommender.recipe.whole import with_forms

__all__ = ["commands", "with_forms"]

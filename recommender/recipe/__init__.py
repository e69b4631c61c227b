"""From a decision to commands that work when pasted: one file per engine."""

from recommender.recipe.commands import commands

__all__ = ["commands"]

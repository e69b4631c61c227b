"""`data/fit.toml`: which constants there are, what they may depend on, and how they are fitted."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(_Entry):
    """Of the fit; what each is for stands in the file."""

    residual_sd: float = Field(gt=0)
    turn: float = Field(gt=0)
    weight: float = Field(gt=0)
    source_exponent: float = Field(ge=0, le=1)
    steps: int = Field(ge=1)
    pooling_rows: float = Field(gt=0)
    least_spread: float = Field(gt=0)


class Parameter(_Entry):
    """One constant. `levels`: standard deviation of what a group adds to its logarithm; `starts`:
    what a group adds before any row is seen; `covariates`: prior mean and standard deviation."""

    name: str
    what: str
    prior: float = Field(gt=0)
    most: float | None = None  # what the constant never exceeds
    sd: float = Field(gt=0)
    levels: dict[str, float] = {}
    starts: dict[str, dict[str, float]] = {}
    covariates: dict[str, tuple[float, float]] = {}


class Config(_Entry):
    fit: Settings
    constant: tuple[Parameter, ...]


@cache
def load() -> Config:
    """Validated.

    Raises:
        pydantic.ValidationError: a field is missing, unknown or out of range.
    """
    text = (files("recommender") / "data" / "fit.toml").read_text("utf-8")
    return Config.model_validate(tomllib.loads(text))

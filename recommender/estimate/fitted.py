"""The fitted constants of the speed model: `data/speed.json`, written by `rigguide calibrate`."""

from __future__ import annotations

from dataclasses import fields
from functools import cache, lru_cache
from importlib.resources import files
from math import exp
from typing import Literal

from pydantic import BaseModel, ConfigDict

from recommender.estimate.cost import Constants
from recommender.estimate.traits import Traits, family

Kind = Literal["decode", "prefill", "concurrent"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Constant(_Entry):
    """exp(base + what each level's group adds + covariates). Of a mixture of experts the
    constants that are about experts count, of another model they are 1."""

    what: str
    most: float | None
    base: float
    levels: dict[str, dict[str, float]]
    covariates: dict[str, float]


class Interval(_Entry):
    """80 % of published values were between these factors of what was foretold of them."""

    low: float
    high: float
    rows: int


class Fitted(_Entry):
    """`made_with`: SHA-256 of what it was fitted on. `how`: `engine/backend` to a sentence."""

    made_with: dict[str, str]
    constants: dict[str, Constant]
    intervals: dict[Kind, dict[str, Interval]]
    how: dict[str, str]


@cache
def load() -> Fitted:
    """The shipped constants.

    Raises:
        pydantic.ValidationError: the file is not what `rigguide calibrate --write` writes.
    """
    text = (files("recommender") / "data" / "speed.json").read_text("utf-8")
    return Fitted.model_validate_json(text)


@lru_cache(maxsize=4096)
def constants(traits: Traits) -> Constants:
    """What holds for these groups; a group that no row was of adds nothing."""
    found = load().constants
    return Constants(**{f.name: _value(found[f.name], traits) for f in fields(Constants)})


def _value(constant: Constant, traits: Traits) -> float:
    value = exp(_log(constant, traits))
    return value if constant.most is None else min(value, constant.most)


def _log(constant: Constant, traits: Traits) -> float:
    adds = (constant.levels.get(level, {}).get(group, 0.0) for level, group in traits.levels)
    slopes = (constant.covariates.get(name, 0.0) * value for name, value in traits.covariates)
    return constant.base + sum(adds) + sum(slopes)


@lru_cache(maxsize=4096)
def interval(kind: Kind, traits: Traits) -> tuple[float, float]:
    """Factors on the estimate: of this engine's family on this memory, else of all."""
    of_kind, groups = load().intervals[kind], dict(traits.levels)
    for name in (f"{groups['family']}/{groups['backend']}", groups["family"], "all"):
        if name in of_kind:
            return of_kind[name].low, of_kind[name].high
    msg = f"data/speed.json has no interval for {kind}"
    raise ValueError(msg)


def how(engine_id: str, backend: str) -> str:
    """Which rows the constants of this engine and backend were fitted on."""
    said = load().how.get(f"{engine_id}/{backend}")
    kin = family(engine_id)
    return said or f"by analogy: no published row; as {kin} engines and this kind of memory do"

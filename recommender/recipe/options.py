"""Which options the engines' programs know: data, checked against what recipes use by a test."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from recommender.catalogue import Source


class Program(BaseModel):
    """One program and those of its options that recipes use, each with what it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str  # empty: no engine's own
    name: str
    seen: str
    options: dict[str, str]
    sources: tuple[Source, ...]


@cache
def programs() -> tuple[Program, ...]:
    """Every program of the recipes.

    Raises:
        pydantic.ValidationError: the data is wrong.
    """
    text = (files("recommender") / "data" / "recipes.toml").read_text("utf-8")
    return tuple(Program.model_validate(row) for row in tomllib.loads(text)["program"])


def known(engine_id: str) -> frozenset[str]:
    """Options and settings that this engine's recipe may use, those of its container included."""
    return frozenset(o for p in programs() if p.engine in (engine_id, "") for o in p.options)

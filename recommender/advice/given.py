"""`advice.toml`: what hardware advice takes for granted, each with its sources."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from recommender.entries import Entry, Sources


class Pace(Entry):
    """Tokens/s for each user where nobody gave a target."""

    tokens_per_user: float = Field(gt=0)
    not_for: tuple[str, ...]
    text: str
    sources: Sources


class Precision(Entry):
    """The least `quality` of a quantisation that nobody asked for."""

    quality: int
    text: str
    sources: Sources


class Counts(Entry):
    accelerators: tuple[int, ...] = Field(min_length=1)
    sources: Sources


class Retired(Entry):
    """NVIDIA GPUs below this compute capability are not advised."""

    compute_capability_below: float
    sources: Sources


class Processor(Entry):
    """Sizes of system memory beside processors of up to this bandwidth; None: of any."""

    bandwidth_up_to_gb_s: float | None = None
    memory_gib: tuple[float, ...] = Field(min_length=1)
    sources: Sources


class FamilyRow(Entry):
    id: str
    label: str


class Given(Entry):
    pace: Pace
    precision: Precision
    counts: Counts
    retired: Retired
    processor: tuple[Processor, ...]
    family: tuple[FamilyRow, ...] = Field(min_length=1)


@cache
def load() -> Given:
    """The shipped data.

    Raises:
        pydantic.ValidationError: it is wrong; the sentence says where.
    """
    text = (files("recommender") / "data" / "advice.toml").read_text("utf-8")
    return Given.model_validate(tomllib.loads(text))

"""What a running measurement says of itself, a few times a second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Phase = Literal["preparing", "starting", "warming-up", "measuring", "finishing"]

WARMING_UP: Final = 0.25
"""The fraction of the whole that is behind a measurement when its engine is up."""


class Progress(BaseModel):
    """`point` counts from 1; `tok_s` is of all clients together, null until tokens came."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    phase: Phase
    message: str
    point: int | None = None
    points: int | None = None
    clients: int | None = None
    tok_s: float | None = None
    fraction: float = Field(default=0.0, ge=0.0, le=1.0)


Report = Callable[[Progress], None]
IsCancelled = Callable[[], bool]

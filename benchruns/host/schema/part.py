"""What all parts of a document have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Unchangeable; a field nobody knows is an error, for a document carries its version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

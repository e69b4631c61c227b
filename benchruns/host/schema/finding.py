"""What a guard has to say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchruns.host.schema.part import Part

Severity = Literal["mark", "refuse"]


class Finding(Part):
    """`guard` is one of `benchruns.host.guards`. "refuse": the figures must not be used."""

    guard: str
    severity: Severity = "mark"
    sentence: str
    evidence: dict[str, float | int | str] = Field(default_factory=dict)


class Guarded(Part):
    """A part of a document that guards look at."""

    guards: tuple[Finding, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What the guards said, in plain words."""
        return tuple(finding.sentence for finding in self.guards)

    @property
    def refused(self) -> str:
        """Why these figures must not be used; "" where nothing forbids it."""
        return "; ".join(f.sentence for f in self.guards if f.severity == "refuse")

"""What one piece of evidence says of a claim, and what all of it together does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Stance(StrEnum):
    IMPOSSIBLE = "impossible"  # arithmetic forbids it
    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    ONLY_IF = "only-if"  # true under a condition the claim leaves out
    BEARS = "bears"  # worth knowing, decides nothing


class Tier(StrEnum):
    """Where evidence comes from, strongest first. Only what arithmetic forbids outranks a run."""

    ARITHMETIC = "arithmetic"
    MEASURED = "measured"
    PUBLISHED = "published"
    DOCUMENTED = "documented"


class Status(StrEnum):
    HOLDS = "holds"
    HOLDS_ONLY_IF = "holds-only-if"
    REFUTED = "refuted"
    IMPOSSIBLE = "impossible"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Scope:
    """Under which conditions a finding was made. None or "": not said."""

    where: str = ""  # the device as its source calls it, or the host
    hardware: str = ""  # cpu | nvidia | apple …
    model: str = ""
    clients: int | None = None
    variant: str = "unknown"  # of the engine the claim is about: as-shipped | tuned
    same_quant: bool | None = None  # did both engines run the same precision?
    peak: bool = False  # each engine at the load that suits it best

    def __str__(self) -> str:
        several = "" if self.clients is None else f"{self.clients} client{'s' * (self.clients > 1)}"
        parts = (self.model, self.where and f"on {self.where}", several and f"with {several}")
        return " ".join(part for part in parts if part) or "the case its source describes"


@dataclass(frozen=True, slots=True)
class Finding:
    """`value` is the figure for the picture, in `unit` ("×", "tok/s", "s")."""

    tier: Tier
    stance: Stance
    text: str
    source: str = ""  # source id
    url: str = ""
    title: str = ""
    when: date | None = None  # when it was measured or, where that is not said, looked up
    dated: str = ""  # as its source dates it: 2026, 2026-05, 2026-05-12
    scope: Scope = field(default_factory=Scope)
    only_if: str = ""
    part: int | None = None  # which of the claim's quantities; None: the claim as a whole
    value: float | None = None
    unit: str = ""
    engine: str = ""  # whose figure `value` is, where it is one engine's
    origin: bool = False  # the very figures the claim repeats: no second witness
    superseded: bool = False  # a run here under the same conditions counts instead

    @property
    def decides(self) -> bool:
        return self.stance is not Stance.BEARS and not self.superseded


@dataclass(frozen=True, slots=True)
class Verdict:
    """`decided_by` is the strongest tier that had something to say; None: nothing had."""

    claim: str
    status: Status
    sentence: str
    condition: str
    findings: tuple[Finding, ...]
    decided_by: Tier | None
    when: date | None

    def of(self, tier: Tier) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.tier is tier)

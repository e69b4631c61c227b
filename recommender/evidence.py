"""The seam through which measurements reach the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Tier(StrEnum):
    """How far others bear a measurement out, least first (`recommender/trust.py`)."""

    UNVERIFIED = "unverified"
    REPEATED = "repeated"
    REPRODUCED = "reproduced"


@dataclass(frozen=True, slots=True)
class MeasuredPoint:
    """One number of clients at once. Latencies in ms, rates in output tokens/s.

    None is "not measured", never 0.
    """

    clients: int
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    tok_s_per_user_p50: float | None
    tok_s_per_user_p5: float | None
    total_tok_s: float | None
    stable: bool
    tok_s_per_user_high: float | None = None  # upper end of the median's 95 % interval
    ttft_low_ms: float | None = None  # lower end of the same
    disturbed: bool = False  # requests failed, or something else had the machine
    tok_s_per_user_low: float | None = None
    ttft_high_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One engine, model and quantisation measured on one machine."""

    engine: str
    model: str  # catalogue id
    quant: str
    hardware: str  # what computed, as the answer `hardware` has it: cpu, nvidia …; "": not known
    device: str | None  # catalogue id, None where the machine is in no catalogue
    machine: str  # "AMD EPYC 7B13, 2 cores"
    host: str  # the host's name on this site
    engine_version: str
    variant: str  # as-shipped | tuned
    prompt_tokens: int
    output_tokens: int
    synthetic_weights: bool
    measured_at: datetime
    url: str  # where the result can be read
    points: tuple[MeasuredPoint, ...]
    os: str = ""  # "": not known
    arch: str = ""
    memory_gib: float | None = None  # of one accelerator, or of the system for hardware=cpu
    accelerators: int = 0  # that computed
    tier: str = Tier.UNVERIFIED
    disputed: bool = False  # others of the same work contradict it
    bears: bool = True  # whether it may decide; else it is only shown
    host_id: int = 0  # tells hosts of one name apart; 0: not known
    own: bool = True  # of the asker's or the site's own machine; else others bear it out
    visibility: str = "public"  # public | team | private
    uploaded: bool = False  # brought as a file, watched by nobody


class Evidence(Protocol):
    """Answers "what was measured?". The site reads its database, the command line a file."""

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        """Newest first. `hardware=None` means the machine is not known: nothing applies."""
        ...


class NoEvidence:
    """Nobody measured anything yet."""

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        del hardware, device, model
        return ()


class Remembered:
    """Asks the evidence behind it once for each machine and model; for one recommendation."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._seen: dict[tuple[str | None, ...], tuple[Measurement, ...]] = {}

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        asked = (hardware, device, model)
        if asked not in self._seen:
            self._seen[asked] = self._evidence.measurements(
                hardware=hardware, device=device, model=model
            )
        return self._seen[asked]

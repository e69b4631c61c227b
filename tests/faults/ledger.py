"""What happened, when, and whether each promise held. Seconds are of one monotonic clock."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import psutil


@dataclass
class Lost:
    """A run whose holder was killed or cut off: until it is somebody's or nobody's again."""

    run: UUID
    attempt: int
    since_s: float
    disturbed: bool = False
    back_s: float | None = None


@dataclass
class Dying:
    """What hung on a killed worker and must be gone soon."""

    processes: list[psutil.Process]
    since_s: float
    engine: bool
    gone_s: float | None = None


@dataclass
class Ledger:
    strikes: Counter[str] = field(default_factory=Counter)
    lost: list[Lost] = field(default_factory=list)
    dying: list[Dying] = field(default_factory=list)
    refused_s: list[float] = field(default_factory=list)  # from revoking to the first 401
    left_s: list[float] = field(default_factory=list)  # from revoking to the worker's own end
    halves: list[str] = field(default_factory=list)  # results that could not be read whole
    wrong: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    results: int = 0  # stored, when everything had ended

    def expect(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def disturb(self) -> None:
        """Something else goes on that a lease's end has to wait for."""
        for lost in self.lost:
            lost.disturbed = lost.disturbed or lost.back_s is None


def spread(values: Sequence[float], unit: str = "s") -> str:
    if not values:
        return "not measured"
    middle, most = statistics.median(values), max(values)
    return f"n = {len(values)}, median {middle:.2f} {unit}, most {most:.2f} {unit}"

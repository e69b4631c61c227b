"""How long a run takes, from what like runs took here. Pure; what is not known is None."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from benchruns.host.progress import WARMING_UP

FEW: Final = 20
"""The newest so many count: a machine that was upgraded is soon believed."""

SURE_AFTER: Final = timedelta(seconds=5)
SURE_SHARE: Final = 0.2
"""Less than this share of the whole says little: warming up goes at a pace of its own."""


@dataclass(frozen=True, slots=True)
class Work:
    """What runs that take about as long have in common. `limit_s` tells plans apart."""

    kind: str
    engine: str
    model: str
    quant: str
    limit_s: float | None


@dataclass(frozen=True, slots=True)
class Took:
    work: Work
    seconds: float


def expected_s(work: Work, past: Sequence[Took]) -> float | None:
    """The median of the very same work, else of the same plan; `past` newest first."""
    same = (took.seconds for took in past if took.work == work)
    like = (took.seconds for took in past if _plan(took.work) == _plan(work))
    return _median(same) or _median(like)


def _plan(work: Work) -> tuple[str, float | None]:
    return (work.kind, work.limit_s)


def _median(seconds: Iterable[float]) -> float | None:
    newest = [value for value, _ in zip(seconds, range(FEW), strict=False)]
    return median(newest) if newest else None


def left_s(fraction: float | None, measuring_since: datetime | None, now: datetime) -> float | None:
    """Until a run ends that goes on at the pace it had since it began to measure, in seconds."""
    if fraction is None or measuring_since is None:
        return None
    done, elapsed = fraction - WARMING_UP, now - measuring_since
    if done < SURE_SHARE or elapsed < SURE_AFTER:
        return None
    return max(0.0, elapsed.total_seconds() * (1.0 - fraction) / done)

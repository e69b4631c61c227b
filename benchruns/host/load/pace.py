"""When is a point finished? When its figures are narrow enough, or its time is used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchruns.host.document import Sample
from benchruns.host.statistics import INTERVAL_NEEDS, TOO_FEW, tpot_ms, ttft_ms

NARROW = 0.05  # half-width of the interval, relative to the median
AT_MOST = 20  # times as many answers as wanted, however much they differ
NARROW_TTFT = 0.10  # first tokens vary more and nobody feels a few per cent
BOX_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`at_least` answers are wanted; no request is begun that would not end within `box_s`.

    The few answers without which nothing can be said may take up to `hard_s`.
    """

    at_least: int
    box_s: float
    hard_s: float

    def __call__(self, samples: Sequence[Sample], elapsed_s: float) -> bool:
        """Whether one more request is worth it."""
        good = [s for s in samples if s.outcome == "ok"]
        if len(samples) - len(good) > max(2, len(good)):
            return False  # it mostly fails: more of it teaches nothing
        wanted = max(self.at_least, INTERVAL_NEEDS)
        limit_s = self.box_s if len(good) >= TOO_FEW else self.hard_s
        if elapsed_s + 0.8 * _typical_s(samples) > limit_s:
            return False
        return len(good) < wanted or (len(good) < AT_MOST * wanted and not _narrow(good))


def _typical_s(samples: Sequence[Sample]) -> float:
    spans = [s.end_s - s.start_s for s in samples if s.end_s is not None]
    return float(np.median(spans)) if spans else 0.0


def _narrow(good: Sequence[Sample]) -> bool:
    tpots = [t for t in map(tpot_ms, good) if t is not None]
    ttfts = [t for t in map(ttft_ms, good) if t is not None]
    return _half_width(tpots) <= NARROW and _half_width(ttfts) <= NARROW_TTFT


def _half_width(values: Sequence[float]) -> float:
    """Of the median's 95 % interval by the quartiles: a quick look between two requests, where a
    bootstrap would hold up the clients. Source: McGill, Tukey and Larsen 1978 (notches).
    """
    if len(values) < 2:
        return float("inf") if values else 0.0
    low, mid, high = np.percentile(values, [25, 50, 75])
    return float(1.57 * (high - low) / sqrt(len(values)) / mid) if mid else float("inf")


def share_s(left_s: float, points_left: int) -> float:
    """Each point gets the same; what one leaves over, the next ones share."""
    return min(BOX_LIMIT_S, max(0.0, left_s) / points_left)

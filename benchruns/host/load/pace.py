"""When is a point finished? When its figures are narrow enough, or its time is used up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import pi, sqrt
from statistics import median

import numpy as np

from benchruns.host import student
from benchruns.host.blocks import blocks, by_end
from benchruns.host.document import Sample
from benchruns.host.statistics import INTERVAL_NEEDS, TOO_FEW, tpot_ms, ttft_ms

NARROW = 0.05  # half-width of the interval, relative to the median
AT_MOST = 20  # times as many answers as wanted, however much they differ
TTFT_TIMES = 2  # as wide may be the first tokens': they vary more and nobody feels a few per cent
BOX_LIMIT_S = 60.0
LOOK_AGAIN = 1.05  # looked at anew when there are so many times more answers


@dataclass(slots=True)
class Pace:
    """`at_least` answers are wanted; no request is begun that would not end within `box_s`.

    The few answers without which nothing can be said may take up to `hard_s`. What was found is
    kept until there are noticeably more answers: it is asked before every request. Answers that
    were in flight `together` count as one when it comes to how well they are known.
    """

    at_least: int
    box_s: float
    hard_s: float
    narrow: float = NARROW
    together: int = 1
    _look: _Look | None = field(default=None, init=False)

    def __call__(self, samples: Sequence[Sample], elapsed_s: float) -> bool:
        """Whether one more request is worth it."""
        good = sum(sample.outcome == "ok" for sample in samples)
        if len(samples) - good > max(2, good):
            return False  # it mostly fails: more of it teaches nothing
        look = self._looked(samples)
        limit_s = self.box_s if good >= TOO_FEW * self.together else self.hard_s
        if elapsed_s + 0.8 * look.typical_s > limit_s:
            return False
        wanted = max(self.at_least, (INTERVAL_NEEDS + 1) * self.together - 1)  # one cools down
        return good < wanted or (good < AT_MOST * wanted and not look.narrow)

    def _looked(self, samples: Sequence[Sample]) -> _Look:
        last = self._look
        if last is None or not last.of <= len(samples) < max(last.of + 1, LOOK_AGAIN * last.of):
            self._look = last = _look(samples, self.narrow, self.together)
        return last


@dataclass(frozen=True, slots=True)
class _Look:
    """What `of` answers told."""

    of: int
    typical_s: float
    narrow: bool


def _look(samples: Sequence[Sample], narrow: float, together: int) -> _Look:
    good = by_end([s for s in samples if s.outcome == "ok"])
    return _Look(len(samples), _typical_s(samples), _narrow(blocks(good, together), narrow))


def _typical_s(samples: Sequence[Sample]) -> float:
    spans = [s.end_s - s.start_s for s in samples if s.end_s is not None]
    return float(np.median(spans)) if spans else 0.0


def _narrow(shared: Sequence[Sequence[Sample]], limit: float) -> bool:
    tpots, ttfts = _middles(shared, tpot_ms), _middles(shared, ttft_ms)
    return _half_width(tpots) <= limit and _half_width(ttfts) <= TTFT_TIMES * limit


def _middles(
    shared: Sequence[Sequence[Sample]], figure: Callable[[Sample], float | None]
) -> list[float]:
    """The median of each block of which there is one."""
    known = ([value for s in block if (value := figure(s)) is not None] for block in shared)
    return [median(block) for block in known if block]


def _half_width(values: Sequence[float]) -> float:
    """Of the median's 95 % interval, by the quartiles of the blocks' medians and Student's t: a
    quick look between two requests, where a bootstrap would hold up the clients.

    A normal distribution's quartiles are 1.349 standard deviations apart; its median's standard
    error is sqrt(pi / 2) of its mean's. Source: McGill, Tukey and Larsen 1978 (notches).
    """
    if len(values) < INTERVAL_NEEDS:
        return float("inf") if values else 0.0
    low, mid, high = np.percentile(values, [25, 50, 75])
    error = sqrt(pi / 2) * (high - low) / 1.349 / sqrt(len(values))
    return float(student.t(len(values) - 1) * error / mid) if mid else float("inf")


def share_s(left_s: float, points_left: int, most_s: float = BOX_LIMIT_S) -> float:
    """Each point gets the same; what one leaves over, the next ones share."""
    return min(most_s, max(0.0, left_s) / points_left)

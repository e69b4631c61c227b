"""Percentiles of many values, and how well they are known. Seeded: the same values, the same says.

The median's interval resamples whole groups (what belongs together is no number of independent
values). All values are sorted once; a resample is then a weight for each group, and its median is
a place in the running sum of weights. Tails have intervals by order statistics (`tails`).
Source: Efron 1979; for resampling whole groups, Davison and Hinkley 1997, chapter 3.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchruns.host import student, tails
from benchruns.host.document import Distribution

Values = NDArray[np.float64]
Counts = NDArray[np.intp]
# A percentile needs samples beyond it: at least ten for p90, twenty for p95, a hundred for p99.
NEEDED: Final = {50: 1, 90: 10, 95: 20, 99: 100, 5: 20}
TAILS: Final = (5, 90, 95, 99)
RESAMPLES: Final = 1000
FEWER: Final = 200  # resamples where there are so many values that more would say the same
MANY: Final = 20_000
INTERVAL_NEEDS: Final = 5  # groups
_BLOCK: Final = 2_000_000  # values of all resamples that are in memory at one time


def distribution(
    groups: Sequence[Sequence[float]], *, units: int | None = None, seed: int = 1
) -> Distribution:
    """Of all values in `groups`; how well they are known rests on whole groups.

    `units`: how many requests (or else) the values are of, which is what tails need enough of;
    None: as many as groups.
    """
    parts = [np.asarray(group, np.float64) for group in groups if len(group)]
    if not parts:
        return Distribution(n=0, p50=None)
    values, most = np.concatenate(parts), len(parts) if units is None else units
    known = [q for q, needed in NEEDED.items() if q == 50 or most >= needed]
    at = dict(zip(known, np.percentile(values, known), strict=True))
    middle, beside = _intervals(parts, values, most, seed)
    return Distribution(
        n=len(values),
        mean=_rounded(values.mean()),
        **{f"p{q}": _rounded(value) for q, value in at.items()},
        low=middle and middle[0],
        high=middle and middle[1],
        intervals={f"p{q}": beside[q] for q in TAILS if q in beside and q in known},
    )


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _pair(low: float, high: float) -> tuple[float, float]:
    return _rounded(low), _rounded(high)


def _intervals(
    parts: list[Values], values: Values, most: int, seed: int
) -> tuple[tuple[float, float] | None, dict[int, tuple[float, float]]]:
    """Of the median and of the tails, 95 % each."""
    if len(parts) < INTERVAL_NEEDS:
        return None, {}
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    of_group = np.repeat(np.arange(len(parts)), [len(part) for part in parts])[order]
    far = ((q, tails.around(ordered, of_group, q / 100, most)) for q in TAILS)
    medians = _medians(ordered, of_group, len(parts), seed)
    tail = 100 * student.tail(len(parts))
    low, high = np.percentile(medians, [tail, 100 - tail])
    return _pair(low, high), {q: _pair(*found) for q, found in far if found is not None}


def _medians(ordered: Values, of_group: Counts, groups: int, seed: int) -> Values:
    """One for each resample."""
    draw = np.random.default_rng(seed)
    left = RESAMPLES if len(ordered) < MANY else FEWER
    rows = max(1, _BLOCK // len(ordered))
    blocks = []
    while left > 0:
        many = min(left, rows)
        weights = _weights(draw, many, groups)[:, of_group]
        blocks.append(_weighted(ordered, weights))
        left -= many
    return np.concatenate(blocks)


def _weights(draw: np.random.Generator, rows: int, groups: int) -> Counts:
    """How often each group is in each resample: (rows, groups), every row adds up to `groups`."""
    picks = draw.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
    return np.bincount(picks.ravel(), minlength=rows * groups).reshape(rows, groups)


def _weighted(ordered: Values, weights: Counts) -> Values:
    """Where half of the weight lies below, the middle of both sides where it falls on a step."""
    twice = 2 * np.cumsum(weights, axis=1)
    whole = twice[:, -1:] // 2
    below = (twice < whole).sum(axis=1)
    above = np.minimum((twice <= whole).sum(axis=1), len(ordered) - 1)
    middle: Values = (ordered[below] + ordered[above]) / 2
    return middle


def half_width(found: Distribution) -> float | None:
    """Of the median's interval, relative to the median: 0.05 is ±5 %."""
    if found.low is None or found.high is None or not found.p50:
        return None
    return (found.high - found.low) / 2 / found.p50

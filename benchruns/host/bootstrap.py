"""Percentiles of many values, and how well they are known. Seeded: the same values, the same says.

The bootstrap resamples whole groups (the gaps of one request belong together and are no
independent values). All values are sorted once; a resample is then a weight for each group, and
its percentiles are places in the running sum of weights: every percentile from one pass.
Source: Efron 1979; for resampling whole groups, Davison and Hinkley 1997, chapter 3.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchruns.host.document import Distribution

Values = NDArray[np.float64]
Counts = NDArray[np.intp]
# A percentile needs samples beyond it: at least ten for p90, twenty for p95, a hundred for p99.
NEEDED: Final = {50: 1, 90: 10, 95: 20, 99: 100, 5: 20}
RESAMPLES: Final = 1000
FEWER: Final = 200  # resamples where there are so many values that more would say the same
MANY: Final = 20_000
INTERVAL_NEEDS: Final = 5
_BLOCK: Final = 2_000_000  # values of all resamples that are in memory at one time


def distribution(groups: Sequence[Sequence[float]], *, seed: int = 1) -> Distribution:
    """Of all values in `groups`; the intervals resample whole groups."""
    parts = [np.asarray(group, np.float64) for group in groups if len(group)]
    if not parts:
        return Distribution(n=0, p50=None)
    values = np.concatenate(parts)
    known = [q for q, needed in NEEDED.items() if len(values) >= needed]
    at = dict(zip(known, np.percentile(values, known), strict=True))
    around = _intervals(parts, values, known, seed) if len(parts) >= INTERVAL_NEEDS else {}
    low, high = around.get(50, (None, None))
    return Distribution(
        n=len(values),
        mean=_rounded(values.mean()),
        **{f"p{q}": _rounded(value) for q, value in at.items()},
        low=low,
        high=high,
        intervals={f"p{q}": around[q] for q in (5, 90, 95, 99) if q in around},
    )


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _intervals(
    parts: list[Values], values: Values, known: list[int], seed: int
) -> dict[int, tuple[float, float]]:
    """95 % percentile intervals."""
    order = np.argsort(values, kind="stable")
    of_group = np.repeat(np.arange(len(parts)), [len(part) for part in parts])[order]
    drawn = _drawn(values[order], of_group, len(parts), np.asarray(known) / 100, seed)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {q: (_rounded(low[i]), _rounded(high[i])) for i, q in enumerate(known)}


def _drawn(ordered: Values, of_group: Counts, groups: int, shares: Values, seed: int) -> Values:
    """(resamples, percentiles)."""
    draw = np.random.default_rng(seed)
    left = RESAMPLES if len(ordered) < MANY else FEWER
    rows = max(1, _BLOCK // len(ordered))
    blocks = []
    while left > 0:
        many = min(left, rows)
        weights = _weights(draw, many, groups)[:, of_group]
        blocks.append(_weighted(ordered, weights, shares))
        left -= many
    return np.concatenate(blocks)


def _weights(draw: np.random.Generator, rows: int, groups: int) -> Counts:
    """How often each group is in each resample: (rows, groups), every row adds up to `groups`."""
    picks = draw.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
    return np.bincount(picks.ravel(), minlength=rows * groups).reshape(rows, groups)


def _weighted(ordered: Values, weights: Counts, shares: Values) -> Values:
    """The inverse of the cumulated weights, the middle of both sides where it falls on a step."""
    sums = np.cumsum(weights, axis=1)
    found = np.empty((len(sums), len(shares)))
    for row, running in enumerate(sums):
        place = shares * running[-1]
        below = np.searchsorted(running, place, side="left")
        above = np.minimum(np.searchsorted(running, place, side="right"), len(ordered) - 1)
        found[row] = (ordered[below] + ordered[above]) / 2
    return found


def half_width(found: Distribution) -> float | None:
    """Of the median's interval, relative to the median: 0.05 is ±5 %."""
    if found.low is None or found.high is None or not found.p50:
        return None
    return (found.high - found.low) / 2 / found.p50

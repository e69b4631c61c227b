"""How well a percentile far from the middle is known: by order statistics, for any distribution.

A bootstrap cannot show values beyond those it was given, so its intervals of tails are too narrow.
How many of n independent values lie below the true percentile is binomial whatever they are of;
two of them hold it between them with 95 %, or no two do: p90 takes 36 values, p5 and p95 72, p99
368. Source: David and Nagaraja, Order Statistics (2003), section 7.1.

Values of one group are alike, so they count as fewer: n over the design effect, by how alike their
ranks are. Sources: Woodruff 1952 (Confidence intervals for medians and other position measures),
Kish 1965 (Survey Sampling, 5.4).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
OUTSIDE = 0.025  # on either side


def around(
    ordered: Values, of_group: NDArray[np.intp], share: float, most: int
) -> tuple[float, float] | None:
    """95 % interval of the `share`-quantile of sorted values; None where they are too few.

    `of_group`: of each value which group it is of, from 0. `most`: so many independent values at
    most, whatever the groups say.
    """
    count = min(most, independent(ordered, of_group))
    found = ranks(count, share)
    if found is None:
        return None
    low, high = (_place(rank, count, len(ordered)) for rank in found)
    return float(ordered[low]), float(ordered[high])


def _place(rank: int, count: int, values: int) -> int:
    """Where the `rank`-th of `count` would be among so many values; from 0."""
    return min(values - 1, max(0, round((rank - 0.5) / count * values - 0.5)))


@lru_cache(maxsize=4096)
def ranks(count: int, share: float) -> tuple[int, int] | None:
    """Which of `count` sorted values, from 1, hold the quantile between them; None: no two do."""
    below = _at_most(count, share)  # [k]: chance that at most k values lie below the quantile
    low = int(np.searchsorted(below, OUTSIDE, side="right"))
    high = int(np.searchsorted(below, 1 - OUTSIDE, side="left")) + 1
    return (low, high) if low >= 1 and high <= count else None


def _at_most(count: int, share: float) -> Values:
    """Binomial, by logarithms: 0.05 to the thousandth is no number a computer holds."""
    k = np.arange(1, count + 1, dtype=np.float64)
    odds = np.log((count - k + 1) / k) + np.log(share / (1 - share))
    logs = np.concatenate([[0.0], np.cumsum(odds)]) + count * np.log1p(-share)
    chances: Values = np.cumsum(np.exp(logs))
    return np.minimum(1.0, chances)


def independent(ordered: Values, of_group: NDArray[np.intp]) -> int:
    """For how many independent values these stand: all of them where groups differ by chance only,
    as many as groups where each is all alike.
    """
    sizes = np.bincount(of_group).astype(np.float64)
    groups, values = len(sizes), len(ordered)
    if groups in {1, values}:
        return groups
    ranks_ = _ranked(ordered)
    means = np.bincount(of_group, ranks_) / sizes
    between = float((sizes * (means - ranks_.mean()) ** 2).sum()) / (groups - 1)
    within = float(((ranks_ - means[of_group]) ** 2).sum()) / (values - groups)
    typical = (values - float((sizes**2).sum()) / values) / (groups - 1)
    spread = between + (typical - 1) * within
    alike = max(0.0, (between - within) / spread) if spread else 0.0
    return int(values / (1 + (values / groups - 1) * alike))


def _ranked(ordered: Values) -> Values:
    """Equal values share the middle of their ranks."""
    _, which, many = np.unique(ordered, return_inverse=True, return_counts=True)
    ranked: Values = (np.cumsum(many) - (many - 1) / 2)[which]
    return ranked

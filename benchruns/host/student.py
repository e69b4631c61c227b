"""How far out percentiles of a bootstrap are taken when few values were resampled.

Plain percentiles are too narrow then; Hesterberg shows by how much (What Teachers Should Know About
the Bootstrap, The American Statistician 69(4), 2015, section 5.3: the expanded percentile
interval).
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_Z: Final = _NORMAL.inv_cdf(0.975)


def tail(count: int) -> float:
    """Share of the resamples on either side of a 95 % interval, of `count` values or groups that
    were resampled, two at least; 0.025 for very many.
    """
    return _NORMAL.cdf(-sqrt(count / (count - 1)) * t(count - 1))


def t(freedom: int) -> float:
    """97.5 % quantile of Student's t, to 0.01 from four degrees of freedom on.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3

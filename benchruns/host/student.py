"""Student's t: how far out percentiles of a bootstrap are taken when few values were resampled,
and how likely a mean is that lies so far out.

Plain percentiles are too narrow then; Hesterberg shows by how much (What Teachers Should Know About
the Bootstrap, The American Statistician 69(4), 2015, section 5.3: the expanded percentile
interval).
"""

from __future__ import annotations

from math import atan2, cos, pi, sin, sqrt
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


def outside(t_value: float, freedom: int) -> float:
    """Chance that Student's t lies further from 0 than `t_value`, on either side.

    Exact for whole degrees of freedom, from 1 on: Abramowitz and Stegun, Handbook of Mathematical
    Functions, 26.7.3 and 26.7.4.
    """
    angle = atan2(abs(t_value), sqrt(freedom))
    odd = freedom % 2
    term, total = (cos(angle) if odd else 1.0), 0.0
    for step in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cos(angle) ** 2 * (step - 1) / step
    inside = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return max(0.0, 1.0 - inside)

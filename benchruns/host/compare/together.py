"""How sure a difference is when many are looked for at once.

Three engines with four figures at three numbers of clients are 36 comparisons: of engines that are
all alike one in twenty would seem to differ. So the comparisons that are told together are judged
together, by Holm's step-down procedure: in at most 5 % of the cases where nothing differs is any
difference named, however the figures hang together. Source: Holm, A Simple Sequentially Rejective
Multiple Test Procedure (Scandinavian Journal of Statistics 6(2), 1979).

What each comparison brings along is Student's paired test on the logarithms of its ratios: a
bootstrap of five rounds knows no chance below one in sixteen. Each round is a figure of many
requests, and of engines that are alike a ratio is as often above 1 as below, so its logarithm lies
evenly about 0; rounds far out make the test more careful, not less.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchruns.host import student

LEVEL: Final = 0.05


def p_value(ratios: NDArray[np.float64]) -> float:
    """Chance of ratios as far from 1 as these where both are alike, on either side.

    `ratios`: (rounds,), two at least, above 0.
    """
    logs = np.log(ratios)
    middle, error = float(logs.mean()), float(logs.std(ddof=1)) / sqrt(len(logs))
    if error == 0:
        return float(middle == 0)
    return student.outside(middle / error, len(logs) - 1)


def stepped_down(p_values: Sequence[float]) -> tuple[float, ...]:
    """The same chances, each as it counts among all of them: at most LEVEL shows a difference."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, most = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        most = max(most, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = most
    return tuple(adjusted)

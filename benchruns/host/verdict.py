"""Whether figures can be leant on, in plain words: too few, too wide, drifting, outliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchruns.host.blocks import blocks
from benchruns.host.bootstrap import Values, distribution, half_width

STABLE: Final = "stable"
TOO_FEW: Final = 3
WIDTH_LIMIT: Final = 0.10
DRIFT_LIMIT: Final = 0.10
_DRIFT_NEEDS: Final = 8
OUTLIER_SHARE: Final = 0.05
_OUTLIERS_NEED: Final = 20
_FLOOR: Final = 0.01  # of the median: quartiles closer than that are alike


def judge(per_user_tok_s: Sequence[float], *, not_ok: int, together: int = 1) -> str:
    """ "stable", or in plain words why the numbers should not be leant on.

    Requests that differ are no fault in themselves: one whose neighbours begin is held up by their
    prompts. What counts is how well the median is known. `per_user_tok_s` in the order in which
    the requests were sent; those `together` in flight shared the same batches and count as one.
    """
    if not_ok:
        return f"{not_ok} request{'s' if not_ok > 1 else ''} did not go well"
    if len(per_user_tok_s) < TOO_FEW * together:
        return f"too few requests to tell ({_many(len(per_user_tok_s), together)})"
    values = np.asarray(per_user_tok_s, np.float64)
    width = _known_to(values, together)
    if width > WIDTH_LIMIT:
        return f"tokens/s per user are known to ±{width:.0%} only, from {len(values)} requests"
    return _drift(values) or _outliers(values) or STABLE


def _many(requests: int, together: int) -> str:
    return str(requests) if together == 1 else f"{requests}, {together} at a time"


def _known_to(values: Values, together: int) -> float:
    """Half-width of the median's interval, relative to it; of a handful of blocks, half the range
    of their medians.
    """
    shared = blocks(values.tolist(), together)
    width = half_width(distribution(shared, units=len(values)))
    if width is not None:
        return width
    middles = [float(np.median(block)) for block in shared]
    return float(np.ptp(middles) / 2 / np.median(middles))


def _drift(values: Values) -> str:
    if len(values) < _DRIFT_NEEDS:
        return ""
    half = len(values) // 2
    first, last = float(np.median(values[:half])), float(np.median(values[half:]))
    drift = (last - first) / first
    return "" if abs(drift) <= DRIFT_LIMIT else f"speed drifted by {drift:+.0%} meanwhile"


def _outliers(values: Values) -> str:
    """Beyond Tukey's outer fences (Exploratory Data Analysis, 1977), more than one in twenty."""
    if len(values) < _OUTLIERS_NEED:
        return ""
    low, middle, high = np.percentile(values, [25, 50, 75])
    reach = 3 * max(high - low, _FLOOR * middle)
    far = int(np.sum((values < low - reach) | (values > high + reach)))
    if far <= OUTLIER_SHARE * len(values):
        return ""
    return f"{far} of {len(values)} requests ran at quite another speed than the rest"


def queue_grew(in_flight: Sequence[tuple[float, int]]) -> str:
    """Of an open loop: (time, requests in flight) in order. "" where arrivals were kept up with.

    The last quarter against the second: an engine that keeps up has about as many in both.
    """
    counts = np.asarray([count for _, count in in_flight], np.float64)
    if len(counts) < _OUTLIERS_NEED:
        return ""
    quarter = len(counts) // 4
    early, late = counts[quarter : 2 * quarter].mean(), counts[-quarter:].mean()
    if late <= 1.5 * early + 2:
        return ""
    return f"requests came faster than they were answered: {early:.0f}, then {late:.0f} in flight"

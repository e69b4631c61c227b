"""Intervals from the residuals of rows that their fit had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from recommender.calibrate.config import Settings
from recommender.calibrate.model import Array
from recommender.calibrate.samples import KINDS, Sample
from recommender.estimate.fitted import Interval

LOW, HIGH = 0.08, 0.92
"""Of the sources there are; of a source that was left out they hold about 80 %, for it differs from
those by more than they do from each other."""


@dataclass(frozen=True)
class Spreads:
    """Kind of row to group to interval; `all` is the group of every row of the kind."""

    found: dict[str, dict[str, Interval]]

    def interval(self, sample: Sample) -> tuple[float, float]:
        """Of the narrowest group that has one."""
        of_kind = self.found[sample.kind]
        one = next(of_kind[name] for name in names(sample) if name in of_kind)
        return one.low, one.high


def names(sample: Sample) -> tuple[str, str, str]:
    """Groups a sample belongs to, the narrowest first (as `estimate.fitted.interval` asks)."""
    kin = sample.traits.group("family")
    return f"{kin}/{sample.traits.group('backend')}", kin, "all"


def spreads(samples: Sequence[Sample], residuals: Array, settings: Settings) -> Spreads:
    """Quantiles of log(published / foretold); each group's are pulled towards the wider group's."""
    found: dict[str, dict[str, Interval]] = {}
    for kind in KINDS:
        at = [i for i, sample in enumerate(samples) if sample.kind == kind]
        found[kind] = _of_kind([samples[i] for i in at], residuals[at], settings)
    return Spreads(found)


def _of_kind(
    samples: Sequence[Sample], residuals: Array, settings: Settings
) -> dict[str, Interval]:
    ends: dict[str, tuple[Array, int]] = {}
    for level in (2, 1, 0):  # from the widest group to the narrowest
        for name in sorted({names(sample)[level] for sample in samples}):
            mine = [i for i, sample in enumerate(samples) if names(sample)[level] == name]
            own = _quantiles(residuals[mine], [samples[i].said.group for i in mine], settings)
            wider = None if level == 2 else ends[names(samples[mine[0]])[level + 1]][0]
            ends[name] = (_pulled(own, len(mine), wider, settings), len(mine))
    return {name: _interval(end, rows, settings) for name, (end, rows) in sorted(ends.items())}


def _quantiles(residuals: Array, sources: Sequence[str], settings: Settings) -> Array:
    """Both ends, a source of n rows counting as in the fit: what comes next is another source."""
    counts = {name: sources.count(name) for name in set(sources)}
    weights = np.array([counts[name] ** -settings.source_exponent for name in sources])
    order = np.argsort(residuals)
    place = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp([LOW, HIGH], place / weights.sum(), residuals[order])


def _pulled(own: Array, rows: int, wider: Array | None, settings: Settings) -> Array:
    if wider is None:
        return own
    weight = rows / (rows + settings.pooling_rows)
    return np.asarray(weight * own + (1 - weight) * wider)


def _interval(end: Array, rows: int, settings: Settings) -> Interval:
    least = settings.least_spread
    low, high = min(-least, float(end[0])), max(least, float(end[1]))
    return Interval(low=round(exp(low), 3), high=round(exp(high), 3), rows=rows)

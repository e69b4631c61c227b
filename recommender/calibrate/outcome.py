"""What a calibration yields: constants, intervals, and every row foretold without its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.calibrate import baseline, config
from recommender.calibrate.fit import Problem, fit, weights
from recommender.calibrate.model import Array, Column, arrays, design, foretold
from recommender.calibrate.samples import KINDS, Sample
from recommender.calibrate.spread import Spreads, spreads


@dataclass(frozen=True)
class HeldOut:
    """One sample as foretold by a fit on the other sources; the interval is theirs too."""

    sample: Sample
    value: float
    low: float
    high: float
    baseline: float


@dataclass(frozen=True)
class Outcome:
    columns: tuple[Column, ...]
    parameters: Array
    spreads: Spreads
    held_out: tuple[HeldOut, ...]


def calibrate(samples: Sequence[Sample]) -> Outcome:
    """Fits once on all samples, and once without each source."""
    settings, plan = config.load().fit, design(config.load(), samples)
    rows, groups = arrays(samples), [sample.said.group for sample in samples]

    def fitted(used: NDArray[np.bool_]) -> Array:
        return fit(Problem(plan, rows, weights(groups, used, settings), settings))

    names, values = np.array(groups), np.empty(len(samples))
    for group in sorted(set(groups)):
        other = names != group
        values[~other] = foretold(rows, plan.constants(fitted(other)))[~other]
    residuals = np.log(rows.published / values)
    return Outcome(
        columns=plan.columns,
        parameters=fitted(np.ones(len(samples), dtype=bool)),
        spreads=spreads(samples, residuals, settings),
        held_out=tuple(_held_out(samples, values, residuals)),
    )


def _held_out(samples: Sequence[Sample], values: Array, residuals: Array) -> list[HeldOut]:
    """The interval of each source is that of the other sources' residuals."""
    settings, groups = config.load().fit, [sample.said.group for sample in samples]
    found = []
    for group in sorted(set(groups)):
        other = [i for i, name in enumerate(groups) if name != group]
        mine = [i for i, name in enumerate(groups) if name == group]
        seen = [samples[i] for i in other]
        around = spreads(seen, residuals[other], settings)
        plain = baseline.efficiencies(seen)
        for i in mine:
            low, high = around.interval(samples[i])
            value = float(values[i])
            base = baseline.foretold(samples[i], plain)
            found.append((i, HeldOut(samples[i], value, value * low, value * high, base)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def how(samples: Sequence[Sample]) -> dict[str, str]:
    """For each engine and backend that has rows: which."""
    counts: dict[str, dict[str, int]] = {}
    for sample in samples:
        name = f"{sample.traits.group('engine')}/{sample.traits.group('backend')}"
        of_kind = counts.setdefault(name, dict.fromkeys(KINDS, 0))
        of_kind[sample.kind] += 1
    return {name: _sentence(of_kind) for name, of_kind in sorted(counts.items())}


def _sentence(counts: dict[str, int]) -> str:
    told = [f"{n} {kind}" for kind, n in counts.items() if n]
    return f"fit: {', '.join(told)} rows of its own, the rest from engines and memory like it"

"""All samples at once: the estimator's formulas on arrays, and constants from their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import log

import numpy as np
from numpy.typing import NDArray

from recommender.calibrate.config import Config
from recommender.calibrate.samples import Sample
from recommender.estimate import cost
from recommender.estimate.cost import Constants, Work

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One parameter: `group` of `level`, a slope on covariate `group`, or the constant's base."""

    constant: str
    level: str  # "", "covariate" or the name of a level
    group: str


@dataclass(frozen=True)
class Design:
    """Parameters with their priors, and which of them make each constant of each sample."""

    columns: tuple[Column, ...]
    prior: Array
    sd: Array
    parts: dict[str, tuple[slice, Array]]  # constant: which parameters, [samples, parameters]
    most: dict[str, float]

    def constants(self, parameters: Array) -> Constants:
        """One array of a value per sample for each constant."""
        logs = {name: x @ parameters[which] for name, (which, x) in self.parts.items()}
        found = {name: np.exp(value) for name, value in logs.items()}
        return Constants(**found | {n: np.minimum(found[n], most) for n, most in self.most.items()})


def design(config: Config, samples: Sequence[Sample]) -> Design:
    columns: list[Column] = []
    prior, sd = [], []
    parts = {}
    for one in config.constant:
        first = len(columns)
        rows = [np.ones(len(samples))]
        columns.append(Column(one.name, "", ""))
        prior.append(log(one.prior))
        sd.append(one.sd)
        for level, spread in one.levels.items():
            named = [sample.traits.level(level) for sample in samples]
            for group in sorted({name for name in named if name is not None}):
                rows.append(np.array([float(name == group) for name in named]))
                columns.append(Column(one.name, level, group))
                prior.append(one.starts.get(level, {}).get(group, 0.0))
                sd.append(spread)
        for covariate, (mean, spread) in one.covariates.items():
            slopes = [dict(sample.traits.covariates).get(covariate, 0.0) for sample in samples]
            rows.append(np.array(slopes))
            columns.append(Column(one.name, "covariate", covariate))
            prior.append(mean)
            sd.append(spread)
        parts[one.name] = (slice(first, len(columns)), np.array(rows).T)
    most = {one.name: one.most for one in config.constant if one.most is not None}
    return Design(tuple(columns), np.array(prior), np.array(sd), parts, most)


@dataclass(frozen=True)
class Rows:
    """The samples as arrays."""

    work: Work
    running: Array
    prompt: Array
    output: Array
    depth: Array
    cache_bytes: Array
    published: Array
    prefill: NDArray[np.bool_]
    step: NDArray[np.bool_]
    both: NDArray[np.bool_]


def arrays(samples: Sequence[Sample]) -> Rows:
    def each(name: str) -> Array:
        return np.array([getattr(sample, name) for sample in samples], dtype=float)

    numbers = {f.name: [getattr(s.work, f.name) for s in samples] for f in fields(Work)}
    modes = np.array([sample.mode for sample in samples])
    return Rows(
        work=Work(**{name: np.array(values, dtype=float) for name, values in numbers.items()}),
        running=each("running"),
        prompt=each("prompt"),
        output=each("output"),
        depth=each("depth"),
        cache_bytes=each("cache_bytes"),
        published=np.array([sample.said.value for sample in samples]),
        prefill=modes == "prefill",
        step=modes == "step",
        both=modes == "both",
    )


def foretold(rows: Rows, constants: Constants) -> Array:
    """What the constants foretell of every row, in its own unit (`rows.speeds` for one row)."""
    prompt_s = cost.prefill_s(rows.work, constants, rows.prompt, rows.depth * rows.prefill)
    step_s = cost.step_s(rows.work, constants, rows.running, rows.cache_bytes)
    output = np.maximum(rows.output, 1.0)
    total = rows.running * output / (output * step_s + rows.running * prompt_s)
    total = np.where(rows.both, total * (rows.prompt + output) / output, total)
    rate = np.where(rows.step, rows.running / step_s, total)
    return np.asarray(np.where(rows.prefill, rows.prompt / prompt_s, rate), dtype=float)

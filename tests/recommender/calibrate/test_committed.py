"""What is committed is what `rigguide calibrate --write` gives. Run it if this fails."""

from __future__ import annotations

import numpy as np

from recommender import accuracy
from recommender.calibrate import config, write
from recommender.calibrate.fit import Problem, fit, weights
from recommender.calibrate.model import arrays, design
from recommender.calibrate.samples import fingerprints, samples
from recommender.estimate import fitted

AGAIN = "rows, catalogue or fit.toml changed: run `rigguide calibrate --write`"


def test_it_was_made_with_the_rows_and_settings_there_are() -> None:
    assert fitted.load().made_with == fingerprints(), AGAIN
    assert accuracy.load().made_with == fingerprints(), AGAIN


def test_its_constants_are_those_of_the_fit() -> None:
    found, settings = samples(), config.load().fit
    plan = design(config.load(), found)
    used = np.ones(len(found), dtype=bool)
    weigh = weights([s.said.group for s in found], used, settings)
    parameters = fit(Problem(plan, arrays(found), weigh, settings))
    kept = fitted.load().constants
    for column, value in zip(plan.columns, parameters, strict=True):
        constant = kept[column.constant]
        if not column.level:
            stored = constant.base
        elif column.level == "covariate":
            stored = constant.covariates[column.group]
        else:
            stored = constant.levels[column.level][column.group]
        assert abs(stored - value) < 0.02, (column, AGAIN)


def test_its_memory_rows_are_what_is_foretold_now() -> None:
    kept = {row.id: row.predicted for row in accuracy.load().rows}
    for row in write.memory_rows():
        assert kept[row["id"]] == row["predicted"], AGAIN


def test_it_meets_what_was_promised_of_unseen_sources() -> None:
    rows = accuracy.load().rows
    decode = accuracy.summary(accuracy.of_kind(rows, "decode"))
    load = accuracy.summary(accuracy.of_kind(rows, "concurrent"))
    assert decode.median is not None and decode.median < 0.15  # noqa: PT018 - for the types
    assert decode.p90 is not None and decode.p90 < 0.40  # noqa: PT018
    assert load.median is not None and load.median < 0.25  # noqa: PT018
    for told in (decode, load):
        assert told.coverage is not None
        assert 0.7 <= told.coverage <= 0.9

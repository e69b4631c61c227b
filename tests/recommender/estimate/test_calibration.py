"""The speed model against the published measurements it was fitted on: honest, not flattering.

How well it does on measurements it has not seen is `test_accuracy.py`'s matter.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from statistics import median

import numpy as np

from recommender import rows
from recommender.calibrate import model
from recommender.calibrate.samples import samples
from recommender.estimate.cost import Constants
from recommender.estimate.fitted import constants


@cache
def decode() -> tuple[tuple[float, rows.Prediction], ...]:
    """Published values with what is foretold of them."""
    text = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8")
    values = {one.said.id: one.said.value for one in samples()}
    found = (row for row in rows.read(text.splitlines()) if row.kind == "decode")
    return tuple((values[str(row.id)], rows.predict(row)) for row in found)


def test_its_decode_is_within_a_few_per_cent_for_half_the_rows() -> None:
    errors = sorted(abs((guess.value or 0) / value - 1) for value, guess in decode())
    assert len(errors) >= 165
    assert median(errors) < 0.08
    assert errors[int(0.9 * len(errors))] < 0.25


def test_its_intervals_hold_most_rows() -> None:
    inside = [(g.low or 0) <= value <= (g.high or 0) for value, g in decode()]
    assert 0.7 < sum(inside) / len(inside) < 1


def test_one_row_is_foretold_as_all_rows_are_fitted() -> None:
    """The fit works on arrays, a page on one case: the same formulas, the same constants."""
    some = samples()[::7]
    each = [constants(one.traits) for one in some]
    names = Constants.__dataclass_fields__
    together = Constants(**{n: np.array([getattr(c, n) for c in each]) for n in names})
    all_at_once = model.foretold(model.arrays(some), together)
    for one, value in zip(some, all_at_once, strict=True):
        single = rows.predict(one.row).value
        assert single is not None
        assert abs(single / (value * one.found.slower) - 1) < 0.02, one.said.id

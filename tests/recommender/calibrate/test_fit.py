"""The fit finds what is there, borrows where little is, and is not led by one bad row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender.calibrate import config
from recommender.calibrate.fit import Problem, fit, weights
from recommender.calibrate.model import Design, Rows, arrays, design, foretold
from recommender.calibrate.samples import Sample, samples

SETTINGS = config.load().fit


@pytest.fixture(scope="module")
def some() -> tuple[Sample, ...]:
    """Single streams of llama.cpp on cards of one kind."""
    found = [s for s in samples() if s.kind == "decode" and s.traits.group("backend") == "cuda"]
    assert len(found) > 20
    return tuple(found[:24])


def problem(some: tuple[Sample, ...], published: np.ndarray) -> tuple[Design, Rows, Problem]:
    plan, rows = design(config.load(), some), replace(arrays(some), published=published)
    used = np.ones(len(some), dtype=bool)
    apart = [str(i) for i in range(len(some))]
    return plan, rows, Problem(plan, rows, weights(apart, used, SETTINGS), SETTINGS)


def test_it_finds_constants_that_made_the_data(some: tuple[Sample, ...]) -> None:
    plan, rows = design(config.load(), some), arrays(some)
    truth = plan.prior.copy()
    truth[0] += 0.1  # bandwidth share a tenth above what is expected
    made = foretold(rows, plan.constants(truth))
    plan, rows, given = problem(some, made)
    again = foretold(rows, plan.constants(fit(given)))
    assert np.median(np.abs(np.log(again / made))) < 0.02


def test_one_wild_row_does_not_lead_the_others_astray(some: tuple[Sample, ...]) -> None:
    plan, rows = design(config.load(), some), arrays(some)
    made = foretold(rows, plan.constants(plan.prior))
    wild = made.copy()
    wild[3] *= 20
    plan, rows, given = problem(some, wild)
    again = foretold(rows, plan.constants(fit(given)))
    others = np.arange(len(some)) != 3
    assert np.abs(np.log(again / made))[others].max() < 0.1


def test_without_rows_it_stays_with_what_was_expected(some: tuple[Sample, ...]) -> None:
    plan, rows = design(config.load(), some), arrays(some)
    nothing = Problem(plan, rows, np.zeros(len(some)), SETTINGS)
    assert np.allclose(fit(nothing), plan.prior)


def test_a_source_with_many_rows_is_no_crowd() -> None:
    used = np.ones(5, dtype=bool)
    one, *_, alone = weights(["a", "a", "a", "a", "b"], used, SETTINGS)
    assert one * 4 < 4 * alone
    assert one * 4 > alone
    left_out = weights(["a", "b"], np.array([True, False]), SETTINGS)
    assert left_out[1] == 0

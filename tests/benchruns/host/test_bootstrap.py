"""Percentiles against NumPy, intervals against what is known of the distributions drawn from."""

from __future__ import annotations

from math import isclose, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchruns.host.bootstrap import INTERVAL_NEEDS, NEEDED, distribution, half_width
from benchruns.host.verdict import judge, queue_grew

values = st.lists(
    st.floats(0.001, 1e6, allow_nan=False, allow_infinity=False), min_size=1, max_size=150
)


@given(values)
@settings(max_examples=80, deadline=None)
def test_percentiles_are_those_of_numpy_and_only_where_there_are_values_for_them(
    drawn: list[float],
) -> None:
    found = distribution([[value] for value in drawn])
    assert (found.n, found.mean) == (len(drawn), pytest.approx(np.mean(drawn), abs=1e-4))
    for q, needed in NEEDED.items():
        told = getattr(found, f"p{q}")
        if len(drawn) < needed:
            assert told is None
        else:
            assert told == pytest.approx(float(np.percentile(drawn, q)), abs=1e-4)


@given(values)
@settings(max_examples=80, deadline=None)
def test_intervals_lie_within_the_values_and_in_order(drawn: list[float]) -> None:
    found = distribution([[value] for value in drawn])
    around = [(found.low, found.high), *found.intervals.values()]
    if len(drawn) < INTERVAL_NEEDS:
        assert around == [(None, None)]
        return
    for low, high in around:
        assert low is not None
        assert high is not None
        assert min(drawn) - 1e-3 <= low <= high <= max(drawn) + 1e-3


@given(values, st.floats(0.1, 10), st.floats(0, 100))
@settings(max_examples=50, deadline=None)
def test_other_units_and_another_zero_change_nothing_but_the_numbers(
    drawn: list[float], scale: float, shift: float
) -> None:
    plain = distribution([[value] for value in drawn])
    moved = distribution([[scale * value + shift] for value in drawn])
    for name in ("p50", "p90", "p95", "p99", "p5", "low", "high"):
        before, after = getattr(plain, name), getattr(moved, name)
        assert (before is None) == (after is None)
        if before is not None:
            assert isclose(scale * before + shift, after, rel_tol=1e-4, abs_tol=0.01)


@given(values, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_values_means_nothing_to_the_percentiles(
    drawn: list[float], chance: object
) -> None:
    shuffled = sorted(drawn)
    one, other = distribution([[v] for v in drawn]), distribution([[v] for v in shuffled])
    assert (one.p50, one.p90, one.p95, one.p99) == (other.p50, other.p90, other.p95, other.p99)


def test_the_same_values_say_the_same_again() -> None:
    drawn = [[float(v)] for v in np.random.default_rng(2).gamma(2, 10, 300)]
    assert distribution(drawn) == distribution(drawn)
    assert distribution(drawn, seed=2).intervals != distribution(drawn, seed=3).intervals


@pytest.mark.parametrize(
    ("name", "truth"), [("p50", log(2)), ("p90", log(10)), ("p95", log(20)), ("p99", log(100))]
)
def test_an_interval_of_95_percent_holds_the_truth_about_as_often(name: str, truth: float) -> None:
    """Of an exponential distribution every percentile is known: -ln(1 - q).

    A bootstrap of tails is known to be somewhat too narrow (Davison and Hinkley 1997, 2.6.2).
    """
    draw, hits, trials = np.random.default_rng(11), 0, 60
    for trial in range(trials):
        found = distribution([[v] for v in 100 * draw.exponential(1, 400)], seed=trial)
        if name == "p50":
            assert found.low is not None
            assert found.high is not None
            low, high = found.low, found.high
        else:
            low, high = found.intervals[name]  # type: ignore[index]
        hits += low <= 100 * truth <= high
    assert hits >= (50 if name != "p99" else 45)


def test_values_of_one_group_count_as_one_when_it_comes_to_how_well_they_are_known() -> None:
    """A thousand gaps of ten requests, each request with a pace of its own, are ten values."""
    draw = np.random.default_rng(4)
    paces = draw.normal(50, 5, 10)
    grouped = distribution([list(pace + draw.normal(0, 0.1, 100)) for pace in paces])
    single = distribution([[pace + noise] for pace in paces for noise in draw.normal(0, 0.1, 100)])
    wide, tight = half_width(grouped), half_width(single)
    assert wide is not None
    assert tight is not None
    assert wide > 3 * tight


def test_very_many_values_are_summed_up_soon_enough_to_be_of_use() -> None:
    draw = np.random.default_rng(1)
    found = distribution([list(draw.normal(50, 1, 64)) for _ in range(1500)])
    assert found.n == 96_000
    assert found.p50 == pytest.approx(50, abs=0.1)
    assert found.low is not None
    assert set(found.intervals) == {"p5", "p90", "p95", "p99"}


def test_a_few_requests_at_another_speed_are_called_by_their_name() -> None:
    calm = [20.0 + 0.01 * (i % 5) for i in range(40)]
    assert judge(calm, not_ok=0) == "stable"
    odd = [*calm[:18], 2.0, 2.1, 60.0, *calm[18:]]
    assert judge(odd, not_ok=0) == ("3 of 43 requests ran at quite another speed than the rest")
    assert judge([*calm, 2.0], not_ok=0) == "stable"  # one in forty happens


def test_a_queue_that_grows_says_that_requests_came_too_fast() -> None:
    grows = [(i / 10, i) for i in range(40)]
    assert queue_grew(grows).startswith("requests came faster than they were answered")
    assert queue_grew([(i / 10, 3 + i % 2) for i in range(40)]) == ""
    assert queue_grew(grows[:10]) == ""  # too few to tell

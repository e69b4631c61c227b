"""Percentiles against NumPy, intervals against what is known of the distributions drawn from."""

from __future__ import annotations

from math import isclose, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchruns.host import tails
from benchruns.host.blocks import blocks, in_flight
from benchruns.host.bootstrap import INTERVAL_NEEDS, NEEDED, distribution, half_width
from benchruns.host.document import Distribution
from benchruns.host.verdict import judge, queue_grew
from tests.benchruns.host.instrument import answer

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
    assert distribution(drawn, seed=2).low != distribution(drawn, seed=3).low


@pytest.mark.parametrize(
    ("name", "truth"), [("p50", log(2)), ("p90", log(10)), ("p95", log(20)), ("p99", log(100))]
)
def test_an_interval_of_95_percent_holds_the_truth_about_as_often(name: str, truth: float) -> None:
    """Of an exponential distribution every percentile is known: -ln(1 - q)."""
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
    assert hits >= 53  # of 60: fewer would be a chance of one in two hundred


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


@pytest.mark.parametrize(("clients", "waves"), [(4, 10), (8, 10)])
def test_what_was_in_flight_together_counts_as_one(clients: int, waves: int) -> None:
    """Each wave has a mood of its own, 5 %. Taken for independent, the requests' interval holds
    the truth in 69 (four clients) and 54 (eight) of 100.
    """
    draw, trials, hits, fooled = np.random.default_rng(5), 100, 0, 0
    for trial in range(trials):
        moods = np.repeat(draw.normal(100, 5, waves), clients)
        rates = (moods + draw.normal(0, 1, clients * waves)).tolist()
        by_wave = distribution(blocks(rates, clients), units=len(rates), seed=trial)
        single = distribution([[rate] for rate in rates], seed=trial)
        hits += _holds(by_wave, 100)
        fooled += not _holds(single, 100)
    assert hits >= 85
    assert fooled > 20


def _holds(found: Distribution, truth: float) -> bool:
    assert found.low is not None
    assert found.high is not None
    return found.low <= truth <= found.high


@pytest.mark.parametrize(("share", "least"), [(0.9, 36), (0.95, 72), (0.05, 72), (0.99, 368)])
def test_a_tail_has_an_interval_from_as_many_values_on_as_it_takes(
    share: float, least: int
) -> None:
    """The greatest of n lies beyond the percentile with 1 - q^n: 97.5 % from there on."""
    assert tails.ranks(least - 1, share) is None
    low, high = tails.ranks(least, share) or (0, 0)
    assert 1 <= low < high <= least


def test_the_binomial_is_the_one_in_the_tables() -> None:
    """Of the median of 20 it is the 6th and the 15th (David and Nagaraja; 95.9 %)."""
    assert tails.ranks(20, 0.5) == (6, 15)


def test_tails_of_gaps_take_many_requests_and_not_many_gaps_of_one() -> None:
    draw = np.random.default_rng(3)
    found = distribution([list(draw.normal(50, 1, 200)) for _ in range(9)])
    assert (found.n, found.p90, found.p95, found.p99, found.intervals) == (
        1800,
        None,
        None,
        None,
        {},
    )


def test_waves_that_are_all_alike_have_no_tails_that_are_known() -> None:
    """Ten waves of eight are ten values, in which there is no p95 to be known."""
    draw = np.random.default_rng(6)
    waves = [[float(mood)] * 8 for mood in draw.normal(100, 5, 10)]
    assert distribution(waves, units=80).intervals == {}
    mixed = draw.normal(100, 5, (10, 8)).tolist()
    assert set(distribution(mixed, units=80).intervals) == {"p5", "p90", "p95"}


def test_too_few_waves_are_called_too_few() -> None:
    assert judge([20.0] * 8, not_ok=0, together=4) == ("too few requests to tell (8, 4 at a time)")
    assert judge([20.0] * 12, not_ok=0, together=4) == "stable"
    moods = [20.0] * 4 + [25.0] * 4 + [20.0] * 4
    assert judge(moods, not_ok=0, together=4).startswith("tokens/s per user are known to ±12%")


def test_requests_at_a_time_are_counted_by_how_long_they_were_there() -> None:
    assert in_flight([answer(start_s=i / 10, ttft_s=0.5, gap_s=0.0) for i in range(50)]) == 5
    assert in_flight([]) == 1


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

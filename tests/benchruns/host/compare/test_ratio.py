"""Ratios whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchruns.host.compare.ratio import Ratio, ratio

SIMULATIONS = 1000  # a share of 6 % is known to ±1.5 % then


def rounds(
    draw: np.random.Generator, times: float, count: int, mood: float = 0.2
) -> tuple[list[float], list[float]]:
    """Two engines on a machine whose speed differs from round to round for both alike."""
    moods = np.exp(draw.normal(0, mood, count))
    one = 40 * times * moods * np.exp(draw.normal(0, 0.05, count))
    other = 40 * moods * np.exp(draw.normal(0, 0.05, count))
    return list(one), list(other)


@pytest.mark.parametrize("count", [5, 8, 12])
def test_its_interval_holds_the_truth_nineteen_times_of_twenty(count: int) -> None:
    draw = np.random.default_rng(7)
    found = [ratio(*rounds(draw, 1.3, count)) for _ in range(SIMULATIONS)]
    held = [r for r in found if r and r.low and r.high and r.low <= 1.3 <= r.high]
    assert 0.91 <= len(held) / SIMULATIONS <= 1.0


@pytest.mark.parametrize("count", [5, 8, 12])
def test_it_seldom_sees_a_difference_where_there_is_none(count: int) -> None:
    draw = np.random.default_rng(11)
    found = [ratio(*rounds(draw, 1.0, count)) for _ in range(SIMULATIONS)]
    assert sum(bool(r and r.differs) for r in found) / SIMULATIONS <= 0.085


def test_it_sees_a_difference_far_smaller_than_the_moods_of_the_machine() -> None:
    """Rounds go in pairs: 12 % stand out from moods of 40 % that both share."""
    draw = np.random.default_rng(3)
    found = [ratio(*rounds(draw, 1.12, 10, mood=0.4)) for _ in range(100)]
    assert sum(bool(r and r.differs) for r in found) > 90


def test_it_tells_no_interval_of_fewer_than_five_rounds() -> None:
    found = ratio([12, 13, 12, 14], [10, 10, 11, 10])
    assert found is not None
    assert (found.low, found.high, found.differs, found.rounds) == (None, None, None, 4)
    assert found.value == pytest.approx(1.25)


def test_a_round_that_one_of_them_lacks_counts_for_neither() -> None:
    found = ratio([20, None, 20, 20, 20, 20], [10, 10, None, 10, 10, 10])
    assert found == ratio([20] * 4, [10] * 4)
    assert ratio([None], [10]) is None
    assert ratio([], []) is None


def test_the_same_rounds_give_the_same_interval() -> None:
    one, other = rounds(np.random.default_rng(5), 1.1, 7)
    assert ratio(one, other) == ratio(one, other)


def test_it_refuses_what_has_no_ratio() -> None:
    with pytest.raises(ValueError, match="they go in pairs"):
        ratio([1, 2], [1])
    with pytest.raises(ValueError, match="only values above 0"):
        ratio([0.0], [1.0])


def test_the_other_way_round_it_is_the_inverse() -> None:
    turned = Ratio(2.0, 1.6, 2.5, 5).inverse
    assert (turned.value, turned.low, turned.high) == (0.5, 0.4, 1 / 1.6)
    assert Ratio(2.0, None, None, 3).inverse == Ratio(0.5, None, None, 3)

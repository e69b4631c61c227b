"""Many comparisons at once, whose truth is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchruns.host import student
from benchruns.host.compare.together import LEVEL, p_value, stepped_down

FAMILIES = 1000
ENGINES, FIGURES, COUNTS = 3, 4, 3

Values = NDArray[np.float64]


def measured(draw: np.random.Generator, rounds: int, tails: float | None = None) -> Values:
    """(engines, figures, numbers of clients, rounds): all alike, each round with a mood of its own
    that all share. Half of the noise is that of a measurement, which shows in all its figures.
    `tails`: degrees of freedom of the noise, None for normal noise."""

    def noise(figures: int) -> Values:
        size = (ENGINES, figures, COUNTS, rounds)
        return draw.normal(0, 1, size) if tails is None else draw.standard_t(tails, size)

    both = np.sqrt(0.5) * (noise(FIGURES) + noise(1))
    return np.asarray(np.exp(draw.normal(0, 0.2, rounds) + 0.05 * both))


def judged(values: Values) -> dict[tuple[int, int, int, int], float]:
    """(engine, other engine, figure, number of clients) -> chance among all of them."""
    keys = [
        (of, to, figure, count)
        for of, to in combinations(range(ENGINES), 2)
        for figure in range(FIGURES)
        for count in range(COUNTS)
    ]
    chances = [p_value(values[of, f, c] / values[to, f, c]) for of, to, f, c in keys]
    return dict(zip(keys, stepped_down(chances), strict=True))


@pytest.mark.parametrize(
    ("rounds", "tails"), [(5, None), (8, None), (5, 3.0)], ids=["five", "eight", "heavy tails"]
)
def test_where_all_are_alike_it_names_any_difference_once_in_twenty_times_at_most(
    rounds: int, tails: float | None
) -> None:
    draw = np.random.default_rng(17)
    wrong = sum(
        min(judged(measured(draw, rounds, tails)).values()) <= LEVEL for _ in range(FAMILIES)
    )
    assert wrong / FAMILIES <= LEVEL


def test_each_for_itself_would_be_wrong_most_of_the_time() -> None:
    """So that the test above would fail without the procedure."""
    draw = np.random.default_rng(17)
    alone = [
        min(p_value(v[0, f, c] / v[1, f, c]) for f in range(FIGURES) for c in range(COUNTS))
        for v in (measured(draw, 5) for _ in range(200))
    ]
    assert np.mean(np.asarray(alone) <= LEVEL) > 0.3


def test_a_real_difference_is_found_among_many_and_nothing_else_is() -> None:
    """One engine of three has 40 % more of one figure."""
    draw, found, wrong = np.random.default_rng(23), 0, 0
    for _ in range(100):
        values = measured(draw, 8)
        values[2, 1] *= 1.4
        differing = {key for key, chance in judged(values).items() if chance <= LEVEL}
        real = {key for key in differing if key[1] == 2 and key[2] == 1}
        found += len(real) == 2 * COUNTS
        wrong += bool(differing - real)
    assert found >= 90
    assert wrong <= 5


def test_each_chance_counts_as_many_times_as_there_are_left() -> None:
    assert stepped_down([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert stepped_down([0.5, 0.9]) == (1.0, 1.0)
    assert stepped_down([0.04]) == (0.04,)
    assert stepped_down([]) == ()


@pytest.mark.parametrize(
    ("t", "freedom"),
    [(12.706, 1), (4.3027, 2), (3.1824, 3), (2.7764, 4), (2.5706, 5), (2.2622, 9), (2.0301, 35)],
)
def test_the_chances_are_those_of_the_tables(t: float, freedom: int) -> None:
    assert student.outside(t, freedom) == pytest.approx(0.05, abs=2e-5)
    assert student.outside(-t, freedom) == student.outside(t, freedom)
    assert student.outside(0.0, freedom) == pytest.approx(1.0)


def test_rounds_that_are_all_the_same_are_certain_either_way() -> None:
    assert p_value(np.full(5, 1.0)) == 1.0
    assert p_value(np.full(5, 2.0)) == 0.0

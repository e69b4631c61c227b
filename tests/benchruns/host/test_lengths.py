from __future__ import annotations

from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchruns.host import lengths
from benchruns.host.lengths import Listed, Lognormal, Uniform


@pytest.mark.parametrize("text", ["uniform:16:256", "lognormal:200:0.8:16:2048", "list:16,32,64"])
def test_they_are_said_as_they_are_read(text: str) -> None:
    assert lengths.said(lengths.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["uniform:9:3", "uniform:9", "lognormal:1:9:3:4", "list:", "list:0", "normal:1:2", "", "64"],
)
def test_what_is_none_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="Allowed are uniform:LOW:HIGH"):
        lengths.parse(text)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000), st.integers(0, 99))
def test_no_draw_lies_beyond_the_ends(a: int, b: int, c: int, seed: int) -> None:
    low, middle, high = sorted((a, b, c))
    chance = Random(seed)
    for kind in (Uniform(low=low, high=high), Listed(values=(low, middle, high))):
        assert all(low <= kind.draw(chance) <= kind.most for _ in range(20))
    for sigma in (0.05, 0.8, 3.0):
        drawn = Lognormal(median=middle, sigma=sigma, low=low, high=high)
        assert all(low <= drawn.draw(chance) <= high for _ in range(20))


def test_half_of_a_wide_lognormal_lies_below_its_median() -> None:
    chance, curve = Random(5), Lognormal(median=200, sigma=0.6, low=1, high=100_000)
    assert median(curve.draw(chance) for _ in range(4000)) == pytest.approx(200, rel=0.05)


def test_the_same_seed_draws_the_same() -> None:
    curve = Lognormal(median=50, sigma=1.0, low=1, high=500)
    assert [curve.draw(Random(3)) for _ in range(5)] == [curve.draw(Random(3)) for _ in range(5)]

"""The memory bar adds up, to the last shown digit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide.presentation.memory_bar import adding_up, memory_bar
from tests.guide.made import memory

GIB = st.floats(min_value=0, max_value=2000, allow_nan=False)


@given(st.lists(GIB, min_size=1, max_size=6))
def test_it_shows_parts_that_add_up_to_the_shown_total(parts: list[float]) -> None:
    total = sum(parts)
    shown = adding_up(parts, total)
    assert sum(shown) == pytest.approx(round(total, 2), abs=1e-6)
    assert all(abs(s - p) <= 0.0101 for s, p in zip(shown, parts, strict=True))


def test_it_says_what_stays_free() -> None:
    bar = memory_bar(memory(4.0, 2.0, available=24.0))
    assert (bar.free_gib, bar.over_gib) == (18.0, None)
    assert bar.limit_x == 100.0
    assert sum(segment.width for segment in bar.segments) == pytest.approx(25.0)


def test_it_says_by_how_much_it_does_not_fit() -> None:
    bar = memory_bar(memory(30.0, 10.0, available=24.0))
    assert (bar.free_gib, bar.over_gib) == (None, 16.0)
    assert bar.limit_x == 60.0


def test_it_has_no_limit_where_the_machine_is_not_known() -> None:
    bar = memory_bar(memory(4.0, 2.0, available=None))
    assert (bar.free_gib, bar.over_gib, bar.limit_x) == (None, None, None)


def test_it_puts_one_part_after_the_other() -> None:
    first, second = memory_bar(memory(6.0, 6.0, available=12.0)).segments
    assert (first.x, first.width, second.x) == (0.0, 50.0, 50.0)


def test_it_shows_what_is_built_in_and_cannot_be_used() -> None:
    bar = memory_bar(replace(memory(4.0, 2.0, available=18.0), nominal_gib=24.0))
    assert (bar.limit_x, bar.built_in_x, bar.kept_width) == (75.0, 100.0, 25.0)


def test_each_accelerator_has_a_bar_of_its_share() -> None:
    bar = memory_bar(replace(memory(40.0, 8.0, available=90.0), nominal_gib=96.0, gpus=4))
    assert bar.bars == (1, 2, 3, 4)
    assert (bar.each_gib, bar.each_built_in_gib) == (12.0, 24.0)


def test_more_bars_than_eight_would_look_alike() -> None:
    assert len(memory_bar(replace(memory(40.0, available=900.0), gpus=16)).bars) == 8

"""The memory bar adds up, to the last shown digit."""

from __future__ import annotations

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

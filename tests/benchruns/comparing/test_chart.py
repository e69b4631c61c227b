from __future__ import annotations

from itertools import pairwise

from benchruns.comparing.arms import comparison
from benchruns.comparing.chart import BOTTOM, LABELS_APART, LEFT, RIGHT, TOP, chart, charts
from benchruns.host.compare.metrics import METRICS
from tests.benchruns.comparing.shown import THROUGHPUT, shown


def test_it_is_zero_based_and_doubles_along_the_axis() -> None:
    made = chart(THROUGHPUT, comparison([shown("a", {1: 25.0, 2: 50.0, 4: 100.0})]).arms)
    assert made is not None
    dots = made.lines[0].dots
    assert [dot.x for dot in dots] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    assert [tick.label for tick in made.clients] == ["1", "2", "4"]
    assert (made.values[0].at, made.values[0].label) == (BOTTOM, "0")
    heights = [BOTTOM - dot.y for dot in dots]
    assert heights[1] / heights[0] == heights[2] / heights[1] == 2
    assert all(TOP <= dot.y <= BOTTOM for dot in dots)


def test_one_number_of_clients_stands_in_the_middle() -> None:
    made = chart(THROUGHPUT, comparison([shown("a", {4: 25.0})]).arms)
    assert made is not None
    assert made.lines[0].dots[0].x == (LEFT + RIGHT) / 2


def test_what_is_not_known_is_no_point() -> None:
    made = chart(THROUGHPUT, comparison([shown("a", {1: None, 2: 5.0})]).arms)
    assert made is not None
    assert len(made.lines[0].dots) == 1
    assert chart(THROUGHPUT, comparison([shown("a", {1: None})]).arms) is None


def test_every_arm_has_a_marker_a_dash_and_a_place_for_its_letter() -> None:
    arms = comparison([shown(e, {1: 50.0, 2: 100.0}, engine=e) for e in ("x", "y", "z")]).arms
    made = chart(THROUGHPUT, arms)
    assert made is not None
    assert len({line.marker for line in made.lines}) == 3
    assert len({line.dash for line in made.lines}) == 3
    heights = sorted(line.label_y for line in made.lines)
    assert all(b - a >= LABELS_APART for a, b in pairwise(heights))


def test_there_is_one_picture_for_each_figure() -> None:
    drawn = charts(comparison([shown("a", {1: 25.0})]))
    assert [each.metric for each in drawn] == list(METRICS)

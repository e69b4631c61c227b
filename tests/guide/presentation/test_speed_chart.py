"""The chart is zero-based, doubles evenly and never draws a figure nobody knows."""

from __future__ import annotations

import pytest

from guide.presentation.speed_chart import BOTTOM, LEFT, RIGHT, TOP, nice_step, speed_chart
from recommender.recommendation import Basis
from tests.guide.made import UNKNOWN, point, speed


def test_it_spaces_doublings_evenly() -> None:
    chart = speed_chart(speed())
    assert chart is not None
    assert [tick.label for tick in chart.clients] == ["1", "2", "4", "8"]
    gaps = {round(b.at - a.at) for a, b in zip(chart.clients[:-1], chart.clients[1:], strict=True)}
    assert len(gaps) == 1
    assert (chart.clients[0].at, chart.clients[-1].at) == (LEFT, RIGHT)


def test_it_begins_at_zero() -> None:
    chart = speed_chart(speed())
    assert chart is not None
    assert (chart.rates[0].label, chart.rates[0].at) == ("0", BOTTOM)
    assert chart.rates[-1].at == TOP


def test_it_draws_no_point_for_what_is_not_known() -> None:
    chart = speed_chart(speed(estimated=(point(1, 60.0), point(2, None))))
    assert chart is not None
    assert len(chart.hollow) == 1


def test_it_draws_nothing_when_nothing_is_known() -> None:
    assert speed_chart(speed(estimated=(point(1, None),), tok_s_per_user=UNKNOWN)) is None
    assert speed_chart(speed(estimated=(), tok_s_per_user=UNKNOWN)) is None


def test_it_draws_measurements_as_solid_dots_beside_the_estimate() -> None:
    measured = (point(1, 50.0, Basis.MEASURED_HERE), point(4, 40.0, Basis.MEASURED_HERE))
    chart = speed_chart(speed(measured=measured))
    assert chart is not None
    assert [dot.label for dot in chart.solid] == ["50", "40"]
    assert len(chart.hollow) == 4


def test_it_keeps_the_target_inside() -> None:
    chart = speed_chart(speed(target_tok_s_per_user=200.0))
    assert chart is not None
    assert chart.target_y is not None
    assert TOP <= chart.target_y <= BOTTOM
    assert chart.target_label == "target 200"


def test_it_can_draw_a_single_point() -> None:
    chart = speed_chart(speed(estimated=(point(3, 10.0),)))
    assert chart is not None
    assert [tick.label for tick in chart.clients] == ["3"]


@pytest.mark.parametrize(("about", "step"), [(0.3, 0.5), (1, 1), (1.1, 2), (13, 20), (21, 25)])
def test_it_steps_in_round_numbers(about: float, step: float) -> None:
    assert nice_step(about) == pytest.approx(step)

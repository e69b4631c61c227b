"""The speed chart, figure by figure."""

from __future__ import annotations

from benchruns.pictures.plot import Plot
from guide.presentation.speed_chart import LEFT, RIGHT, speed_chart
from guide.presentation.speed_plot import speed_plot
from recommender.recommendation import Basis, Speed
from tests.guide.made import UNKNOWN, point, speed


def plot(of: Speed) -> Plot:
    chart = speed_chart(of)
    assert chart is not None
    return speed_plot(of, chart, "vLLM")


MEASURED = (point(1, 50.0, Basis.MEASURED_HERE), point(4, 40.0, Basis.MEASURED_HERE))


def test_measured_and_estimated_are_two_series_with_marks_of_their_own() -> None:
    made = plot(speed(measured=MEASURED))
    assert [(one.basis, one.css) for one in made.series] == [
        ("measured", "solid"),
        ("estimated", "hollow"),
    ]
    assert made.hint.startswith("Solid dots are measured")


def test_an_estimate_that_measurements_refined_says_so() -> None:
    refined = tuple(point(n, 60 / n, Basis.CALIBRATED) for n in (1, 2))
    (series,) = plot(speed(estimated=refined)).series
    assert series.basis == "calibrated"
    mixed = (*refined, point(4, 10.0))
    assert plot(speed(estimated=mixed)).series[0].basis == "estimated"


def test_every_figure_is_said_with_its_interval_and_its_basis() -> None:
    first = plot(speed(measured=MEASURED)).series[0].readings[0]
    assert first.said == (
        "1 user: 50 tokens/s for each (40 to 60), measured here; first token after 120 ms."
    )


def test_what_is_not_known_is_no_figure() -> None:
    made = plot(speed(estimated=(point(1, 60.0), point(2, None))))
    assert [one.x for one in made.series[0].readings] == [1]
    assert speed_chart(speed(estimated=(), tok_s_per_user=UNKNOWN)) is None


def test_the_script_gets_the_axes_that_the_server_drew() -> None:
    made = plot(speed())
    assert (made.x.low, made.x.high, made.x.start, made.x.end) == (1, 8, LEFT, RIGHT)
    assert made.y.low == 0
    assert made.y.least == 7.5


def test_the_target_is_a_line() -> None:
    (rule,) = plot(speed(target_tok_s_per_user=20.0)).rules
    assert (rule.css, rule.y, rule.label) == ("target", 20.0, "target 20")
    assert plot(speed()).rules == ()

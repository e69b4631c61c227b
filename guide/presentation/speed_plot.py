"""The speed chart as data that can be read figure by figure, and saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchruns.pictures.plot import Axis, Basis, Label, Plot, Reading, Rule, Series
from guide.presentation.speed_chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, SpeedChart
from guide.templatetags.guide_marks import milliseconds
from recommender import recommendation
from recommender.recommendation import Speed, SpeedPoint

MEASURED = {
    recommendation.Basis.MEASURED_HERE: "measured here",
    recommendation.Basis.MEASURED_SAME_DEVICE: "measured on the same device",
}
HINT = "Solid dots are measured, hollow ones estimated; the band is the estimate’s interval."
HINT_CALIBRATED = "The band is an estimate refined by measurements; solid dots are measured."
HINT_ONLY = "Hollow dots are estimated; the band is the estimate’s interval."


def speed_plot(speed: Speed, chart: SpeedChart, engine: str = "") -> Plot:
    """`chart`: of the same speed. `engine`: its name, for the sheet it is saved on."""
    series = tuple(_series(speed))
    return Plot(
        id="speed",
        kind="lines",
        title=f"Speed against users at once{f', {engine}' if engine else ''}",
        width=WIDTH,
        height=HEIGHT,
        x=_users(chart),
        y=_rates(speed, chart),
        series=series,
        rules=_target(speed, chart),
        labels=(
            Label("axis", 0, 12, "tokens/s for each user"),
            Label("axis", RIGHT, 265, "users at once", "end"),
        ),
        tick_below=20,
        hint=_hint(series),
    )


def _hint(series: tuple[Series, ...]) -> str:
    bases = {one.basis for one in series}
    if "calibrated" in bases:
        return HINT_CALIBRATED
    return HINT if "measured" in bases else HINT_ONLY


def _users(chart: SpeedChart) -> Axis:
    return Axis(
        "users at once", "", chart.least, chart.most, LEFT, RIGHT,
        short="users", log=True, base=2, least=chart.least, switch=True,
        ticks=tuple(float(tick.label) for tick in chart.clients),
    )  # fmt: skip


def _rates(speed: Speed, chart: SpeedChart) -> Axis:
    rates = [one.y for series in _series(speed) for one in series.readings if one.y > 0]
    return Axis(
        "tokens/s for each user", "tokens/s", 0.0, chart.top, BOTTOM, TOP,
        short="tokens/s", least=min(rates, default=1.0), switch=True,
        ticks=tuple(float(tick.label) for tick in chart.rates),
    )  # fmt: skip


def _target(speed: Speed, chart: SpeedChart) -> tuple[Rule, ...]:
    target = speed.target_tok_s_per_user
    return (Rule("target", chart.target_label, y=target, label_x=chart.target_x),) if target else ()


def _series(speed: Speed) -> Iterator[Series]:
    measured, estimated = _readings(speed.measured), _readings(speed.estimated)
    if measured:
        yield Series("measured", "measured", "measured", measured, "solid", "measured", radius=5,
                     line=True)  # fmt: skip
    if estimated:
        basis = _basis(speed.estimated)
        yield Series("estimated", basis, basis, estimated, "hollow", "estimate", line=True,
                     band=any(one.low is not None for one in estimated))  # fmt: skip


def _basis(points: Iterable[SpeedPoint]) -> Basis:
    """The weakest of them: what a heading says must not promise more."""
    found = {point.tok_s_per_user.basis for point in points}
    return "calibrated" if found == {recommendation.Basis.CALIBRATED} else "estimated"


def _readings(points: Iterable[SpeedPoint]) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            point.clients,
            point.tok_s_per_user.value,
            _said(point),
            point.tok_s_per_user.low,
            point.tok_s_per_user.high,
        )
        for point in points
        if point.tok_s_per_user.value is not None
    )


def _said(point: SpeedPoint) -> str:
    rate = point.tok_s_per_user
    users = "1 user" if point.clients == 1 else f"{point.clients} users at once"
    words = f"{users}: {rate.value:.3g} tokens/s for each"
    if rate.low is not None and rate.high is not None:
        words += f" ({rate.low:.3g} to {rate.high:.3g})"
    words += f", {MEASURED.get(rate.basis, rate.basis.value)}"
    if point.ttft_ms.value is not None:
        words += f"; first token after {milliseconds(point.ttft_ms.value)}"
    return f"{words}."

"""The pictures of a comparison as data that can be read figure by figure, and saved."""

from __future__ import annotations

from benchruns.comparing.arms import Arm, Comparison, Value
from benchruns.comparing.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Chart,
    Line,
    charts,
)
from benchruns.host.compare.metrics import Metric
from benchruns.pictures.picture import Picture
from benchruns.pictures.plot import Axis, Label, Plot, Reading, Series

HINT = "Measured. Bars: of several rounds the least and the most, of one its 95 % interval."


def plot(chart: Chart, arms: tuple[Arm, ...]) -> Plot:
    """`arms`: of the comparison that the chart draws."""
    metric = chart.metric
    by_letter = {arm.letter: arm for arm in arms}
    series = tuple(_series(line, by_letter[line.letter], metric) for line in chart.lines)
    return Plot(
        id=metric.id,
        kind="lines",
        title=f"{metric.name} against clients at once",
        width=WIDTH,
        height=HEIGHT,
        x=_clients(series, chart),
        y=_values(series, chart),
        series=series,
        labels=(
            Label("axis", 0, 14, f"{metric.name}, {metric.unit}"),
            Label("tick", RIGHT, 284, "clients at once", "end"),
        ),
        hint=HINT,
    )


def sentence(chart: Chart, comparison: Comparison) -> str:
    """What the picture shows, in words: the best of each figure at the most clients."""
    metric = chart.metric
    found = [(value, arm) for arm in comparison.arms for value in arm.values(metric)[-1:]]
    (best, who) = (max if metric.more else min)(found, key=lambda one: one[0].value)
    at = f"{best.value:.3g} {metric.unit} with {_people(best.clients)}"
    if len(comparison.arms) == 1:
        return f"{metric.name}: {at}."
    word = "most" if metric.more else "shortest"
    return f"{metric.name}: {word} with {who.name}, {at}."


def _people(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients at once"


def _clients(series: tuple[Series, ...], chart: Chart) -> Axis:
    counts = [one.x for each in series for one in each.readings]
    low, high = min(counts), max(counts)
    if low == high:  # one number of clients stands in the middle
        low, high = low / 2, high * 2
    return Axis(
        "clients at once", "", low, high, LEFT, RIGHT,
        short="clients", log=True, base=2, least=low, switch=True,
        ticks=tuple(float(tick.label) for tick in chart.clients),
    )  # fmt: skip


def _values(series: tuple[Series, ...], chart: Chart) -> Axis:
    metric = chart.metric
    values = [one.y for each in series for one in each.readings if one.y > 0]
    return Axis(
        metric.name, metric.unit, 0.0, chart.top, BOTTOM, TOP,
        short=metric.unit, least=min(values, default=1.0), switch=True,
        ticks=tuple(float(tick.label.replace(",", "")) for tick in chart.values),
    )  # fmt: skip


def _series(line: Line, arm: Arm, metric: Metric) -> Series:
    readings = tuple(_reading(value, line, metric) for value in arm.values(metric))
    return Series(
        id=line.letter,
        name=line.name,
        basis="measured",
        readings=readings,
        css="marker",
        engine=line.engine,
        letter=line.letter,
        marker=line.marker,
        dash=line.dash,
        line=True,
    )


def _reading(value: Value, line: Line, metric: Metric) -> Reading:
    said = f"{line.name}, {_people(value.clients)}: {value.value:.3g} {metric.unit}"
    if value.low is not None and value.high is not None:
        said += f" ({value.low:.3g} to {value.high:.3g})"
    said += ", measured" if value.stable else ", measured, unstable"
    return Reading(value.clients, value.value, f"{said}.", value.low, value.high)


def pictures(comparison: Comparison) -> tuple[Picture, ...]:
    """One for each figure that any arm has."""
    return tuple(
        Picture(
            plot(chart, comparison.arms),
            sentence(chart, comparison),
            "benchruns/_compare_chart.svg",
            {"chart": chart},
        )
        for chart in charts(comparison)
    )

"""Predicted against published as data that can be read point by point, and saved."""

from __future__ import annotations

from collections.abc import Sequence

from benchruns.pictures.marks import ENGINES
from benchruns.pictures.plot import Axis, Label, Plot, Reading, Rule, Series
from guide.presentation.accuracy_chart import BOTTOM, LEFT, RIGHT, TOP, ScatterChart, said
from guide.templatetags.guide_marks import engine_name
from recommender.accuracy import Row

SIZE = 460
HINT = "On the line a prediction is right; dashed: half and twice as much."


def accuracy_plot(kind: str, title: str, rows: Sequence[Row], chart: ScatterChart) -> Plot:
    """`chart`: of the same rows."""
    return Plot(
        id=kind,
        kind="points",
        title=f"{title}: predicted against published",
        width=SIZE,
        height=SIZE,
        x=_axis("published", chart, LEFT, RIGHT),
        y=_axis("predicted", chart, BOTTOM, TOP),
        series=tuple(_series(engine, rows) for engine, _ in chart.engines),
        rules=(Rule("half", factor=2.0), Rule("half", factor=0.5), Rule("right", factor=1.0)),
        labels=(
            Label("axis", RIGHT, 448, f"published, {chart.unit}", "end"),
            Label("axis", 8, 12, f"predicted, {chart.unit}"),
        ),
        hint=HINT,
    )


def _axis(label: str, chart: ScatterChart, start: float, end: float) -> Axis:
    low, high = chart.decades
    return Axis(
        label, chart.unit, 10.0**low, 10.0**high, start, end,
        short=label, log=True, least=10.0**low, switch=True,
    )  # fmt: skip


def _series(engine: str, rows: Sequence[Row]) -> Series:
    found = [row for row in rows if row.engine == engine]
    readings = tuple(
        Reading(row.published, row.predicted, f"{said(row, row.predicted)}.", row.low, row.high)
        for row in found
        if row.predicted and row.published > 0
    )
    name = f"{engine_name(engine)}, {len(readings)}"
    marker = ENGINES.get(engine, ENGINES["ollama"])
    return Series(engine, name, "published", readings, "point", engine=engine, marker=marker)

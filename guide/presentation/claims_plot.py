"""The pictures of claims as data that can be read mark by mark, and saved."""

from __future__ import annotations

from typing import Final

from benchruns.pictures.plot import Axis, Basis, Label, Plot, Reading, Rule, Series
from guide.presentation.claims_charts import AXIS, BEYOND, LEFT, RIGHT, WIDTH, Chart, Mark, Row

NAMES: Final[dict[str, tuple[Basis, str, float]]] = {
    "claimed": ("claimed", "claimed by an article", 5.5),
    "published": ("published", "published by others", 3.5),
    "measured": ("measured", "measured on this site’s hosts", 5.5),
}
HINT = "Dashed: claimed by an article; small: published; large and solid: measured here."


def claims_plot(chart: Chart) -> Plot:
    return Plot(
        id=chart.id,
        kind="rows",
        title=chart.title,
        width=WIDTH,
        height=chart.height,
        x=_axis(chart),
        y=Axis("", "", 0.0, 1.0, chart.bottom, 18),
        series=_all_series(chart),
        rules=(Rule("ceiling", x=1.0),) if chart.ceiling else (),
        labels=(Label("tick", RIGHT, 11, chart.axis, "end"),),
        rows=tuple((row.label, row.y) for row in chart.rows),
        tick_below=16,
        hint=HINT,
    )


def _axis(chart: Chart) -> Axis:
    if chart.ceiling:
        return Axis(chart.axis, "share", 0.0, BEYOND, LEFT, RIGHT, short="share", least=0.1,
                    switch=True)  # fmt: skip
    low, high = AXIS
    return Axis(chart.axis, "×", low, high, LEFT, RIGHT, short="factor", log=True, switch=True)


def _all_series(chart: Chart) -> tuple[Series, ...]:
    made = (_series(kind, chart) for kind in NAMES)
    return tuple(series for series in made if series.readings)


def _series(kind: str, chart: Chart) -> Series:
    basis, name, radius = NAMES[kind]
    readings = tuple(
        _reading(index, row, mark)
        for index, row in enumerate(chart.rows)
        for mark in row.marks
        if mark.kind == kind
    )
    return Series(kind, name, basis, readings, f"mark-{kind}", radius=radius)


def _reading(index: int, row: Row, mark: Mark) -> Reading:
    return Reading(
        x=mark.value,
        y=0.0,
        said=f"{row.label}: {row.told}.",
        high=mark.end_value,
        row=index,
        href=row.href,
        label=mark.label,
        label_dy=mark.label_dy if mark.label_dy != 4 else 0,
        open=mark.open_end,
    )

"""A picture as data: what the script on the page redraws, and what CSV is made of.

The server draws the same from the same figures; `static/js/charts.js` is the other reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchruns.pictures.table import Cell

Basis = Literal["measured", "calibrated", "estimated", "claimed", "published", "counted"]
Kind = Literal["lines", "points", "columns", "rows"]


@dataclass(frozen=True, slots=True)
class Axis:
    """`low`, `high`: figures at the ends; `start`, `end`: where these lie in the picture.

    `least`: the smallest figure above 0, for a logarithmic axis that begins lower. `switch`: the
    reader may change between linear and logarithmic. `base`: of the logarithm. `short`: its name
    on a button. `ticks`: where the server wrote figures, which the script keeps until the reader
    changes something; empty where the script would choose the same.
    """

    label: str
    unit: str
    low: float
    high: float
    start: float
    end: float
    short: str = ""
    log: bool = False
    base: int = 10
    least: float = 1.0
    switch: bool = False
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure. `low`, `high`: its interval, along the axis of figures. `said`: it in words, as
    it is read aloud. `row`: in which line of the picture, where lines have names; `label` and
    `label_dy`: what stands beside the mark there. `open`: it goes on beyond `high`."""

    x: float
    y: float
    said: str
    low: float | None = None
    high: float | None = None
    row: int = 0
    href: str = ""
    label: str = ""
    label_dy: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """`band`: the interval as an area, else a bar at each figure. `marker`: a path around (0, 0),
    a dot of `radius` where it is empty. `css`, `line_css`: what the style sheet calls its marks
    and its line."""

    id: str
    name: str
    basis: Basis
    readings: tuple[Reading, ...]
    css: str
    line_css: str = "line"
    engine: str = ""
    letter: str = ""
    marker: str = ""
    radius: float = 4.0
    dash: str = ""
    line: bool = False
    band: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across: at a figure of one axis, or where y is `factor` times x."""

    css: str
    label: str = ""
    x: float | None = None
    y: float | None = None
    factor: float | None = None
    label_x: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    css: str
    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Plot:
    """`kind`: lines over an axis, points, columns that stack, or named rows with marks in them.
    `rows`: their names, and where they lie. `hint`: stands where figures are read."""

    id: str
    kind: Kind
    title: str
    width: float
    height: float
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    labels: tuple[Label, ...] = ()
    rows: tuple[tuple[str, float], ...] = ()
    tick_below: float = 18.0
    hint: str = ""

    @property
    def data_id(self) -> str:
        return f"plot-{self.id}"

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def heads(plot: Plot) -> list[str]:
    """Of the table that `cells` fills."""
    if plot.kind == "rows":
        return ["row", "basis", _named(plot.x), "up to", "in words"]
    return ["series", "basis", _named(plot.x), _named(plot.y), "low", "high", "in words"]


def _named(axis: Axis) -> str:
    return f"{axis.label} ({axis.unit})" if axis.unit else axis.label


def cells(plot: Plot) -> Iterator[list[Cell]]:
    for series in plot.series:
        for one in series.readings:
            if plot.kind == "rows":
                end = None if one.open else one.high
                yield [plot.rows[one.row][0], series.basis, one.x, end, one.said]
            else:
                yield [series.name, series.basis, one.x, one.y, one.low, one.high, one.said]

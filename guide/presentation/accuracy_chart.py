"""Predicted against published, both axes logarithmic, as geometry for an SVG.

On the diagonal a prediction is right; the dashed lines are half and twice as much. One shape and
colour for each engine. Every point is a row of the table beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from recommender.accuracy import Row

LEFT, RIGHT, TOP, BOTTOM = 54, 436, 24, 406


@dataclass(frozen=True, slots=True)
class Point:
    engine: str
    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A line that stays inside the frame."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class ScatterChart:
    """`ticks` serve both axes: `x` along the bottom, `y` along the left."""

    points: tuple[Point, ...]
    ticks: tuple[Tick, ...]
    right: Segment
    twice: Segment
    half: Segment
    engines: tuple[tuple[str, int], ...]
    unit: str
    decades: tuple[int, int]  # powers of ten at the ends of both axes


@dataclass(frozen=True, slots=True)
class _Scale:
    """Whole decades, the same on both axes."""

    low: int
    high: int

    def share(self, value: float) -> float:
        return (log10(value) - self.low) / (self.high - self.low)

    def x(self, value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * self.share(value), 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * self.share(value), 1)


def scatter(rows: Sequence[Row]) -> ScatterChart:
    """Of the rows that have a prediction above 0."""
    known = [(row, row.predicted) for row in rows if row.predicted and row.published > 0]
    values = [value for row, predicted in known for value in (row.published, predicted)]
    scale = _scale(values)
    return ScatterChart(
        points=tuple(
            Point(row.engine, scale.x(row.published), scale.y(predicted), said(row, predicted))
            for row, predicted in known
        ),
        ticks=tuple(
            Tick(scale.x(10.0**n), scale.y(10.0**n), f"{10.0**n:,g}")
            for n in range(scale.low, scale.high + 1)
        ),
        right=_along(scale, 1.0),
        twice=_along(scale, 2.0),
        half=_along(scale, 0.5),
        engines=tuple(Counter(row.engine for row, _ in known).most_common()),
        unit=_unit(rows),
        decades=(scale.low, scale.high),
    )


def _scale(values: Sequence[float]) -> _Scale:
    low = floor(log10(min(values, default=1.0)))
    return _Scale(low, max(low + 1, ceil(log10(max(values, default=10.0)))))


def _along(scale: _Scale, factor: float) -> Segment:
    """Where predicted is `factor` times published, cut at the frame."""
    low, high = 10.0**scale.low, 10.0**scale.high
    start, end = max(low, low / factor), min(high, high / factor)
    return Segment(scale.x(start), scale.y(start * factor), scale.x(end), scale.y(end * factor))


def said(row: Row, predicted: float) -> str:
    """One point in words."""
    what = ", ".join(part for part in (row.model, row.quant, row.engine, row.device) if part)
    return f"{what}: published {row.published:.3g}, predicted {predicted:.3g} {row.unit}"


def _unit(rows: Sequence[Row]) -> str:
    """The plain unit; rows may say more of what they count."""
    units = Counter(row.unit.partition(" (")[0] for row in rows)
    return ", ".join(unit for unit, _ in units.most_common())

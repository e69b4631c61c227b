"""One figure of every arm against clients, as geometry for an SVG.

Zero-based; clients on a logarithmic axis, for they double. What is not known is no point. Each arm
has a marker, a dash and a letter of its own beside its colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log2, log10
from typing import Final

from benchruns.comparing.arms import Arm, Comparison, Value
from benchruns.host.compare.metrics import METRICS, Metric

WIDTH, HEIGHT = 480, 290
LEFT, RIGHT, TOP, BOTTOM = 52, 440, 34, 246
LABELS_APART: Final = 15
DASHES: Final = ("", "7 4", "2 4", "10 4 2 4", "4 3", "12 5", "1 3", "6 2 2 2")
# One marker per arm around (0, 0).
MARKERS: Final = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
    "M-4.2 -4.2h8.4v8.4h-8.4Z",
    "M0 -5.4 5.2 4.2h-10.4Z",
    "M0 -5.6 5.6 0 0 5.6 -5.6 0Z",
    "M0 5.4 5.2 -4.2h-10.4Z",
    "M-1.8 -5.4h3.6v3.6h3.6v3.6h-3.6v3.6h-3.6v-3.6h-3.6v-3.6h3.6Z",
    "M-2.8 -4.8h5.6l2.8 4.8 -2.8 4.8h-5.6l-2.8 -4.8Z",
    "M-5.4 -1.6h10.8v3.2h-10.8Z",
)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    low_y: float | None
    high_y: float | None


@dataclass(frozen=True, slots=True)
class Line:
    letter: str
    name: str
    engine: str
    marker: str
    dash: str
    points: str
    dots: tuple[Dot, ...]
    label_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    metric: Metric
    lines: tuple[Line, ...]
    clients: tuple[Tick, ...]
    values: tuple[Tick, ...]
    top: float  # of what is measured, at the upper end
    label_x: float = RIGHT + 12


def charts(comparison: Comparison) -> tuple[Chart, ...]:
    """One for each figure that any arm has."""
    drawn = (chart(metric, comparison.arms) for metric in METRICS)
    return tuple(one for one in drawn if one is not None)


def chart(metric: Metric, arms: Sequence[Arm]) -> Chart | None:
    values = {arm.letter: arm.values(metric) for arm in arms}
    known = [value for of_arm in values.values() for value in of_arm]
    if not known:
        return None
    scale = _scale(known)
    lines = [
        _line(index, arm, values[arm.letter], scale)
        for index, arm in enumerate(arms)
        if values[arm.letter]
    ]
    return Chart(
        metric, tuple(_apart(lines)), _client_ticks(known, scale), _value_ticks(scale), scale.top
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    least: int
    most: int
    top: float

    def x(self, clients: int) -> float:
        span = log2(self.most / self.least)
        share = log2(clients / self.least) / span if span else 0.5
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(value, self.top) / self.top, 1)


def _scale(values: Sequence[Value]) -> _Scale:
    highest = max(max(v.value, v.high or 0) for v in values)
    step = _nice(highest / 4)
    counts = [v.clients for v in values]
    return _Scale(min(counts), max(counts), step * ceil(highest / step))


def _nice(about: float) -> float:
    """The 1, 2, 2.5 or 5 times a power of ten that is at least `about`."""
    power = 10.0 ** floor(log10(about))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= about * 0.999)


def _line(index: int, arm: Arm, values: Sequence[Value], scale: _Scale) -> Line:
    dots = tuple(_dot(value, scale) for value in values)
    return Line(
        letter=arm.letter,
        name=arm.name,
        engine=arm.engine,
        marker=MARKERS[index % len(MARKERS)],
        dash=DASHES[index % len(DASHES)],
        points=" ".join(f"{dot.x:g},{dot.y:g}" for dot in dots),
        dots=dots,
        label_y=dots[-1].y + 4,
    )


def _dot(value: Value, scale: _Scale) -> Dot:
    low = None if value.low is None else scale.y(value.low)
    high = None if value.high is None else scale.y(value.high)
    return Dot(scale.x(value.clients), scale.y(value.value), low, high)


def _apart(lines: Iterable[Line]) -> list[Line]:
    """Letters at the ends of the lines, moved up where they would lie on one another."""
    placed: list[Line] = []
    for line in sorted(lines, key=lambda each: -each.label_y):
        lowest = placed[-1].label_y - LABELS_APART if placed else line.label_y
        placed.append(replace(line, label_y=min(line.label_y, lowest)))
    return sorted(placed, key=lambda each: each.letter)


def _client_ticks(values: Sequence[Value], scale: _Scale) -> tuple[Tick, ...]:
    counts = sorted({value.clients for value in values})
    every = ceil(len(counts) / 8)
    return tuple(Tick(scale.x(count), str(count)) for count in counts[::every])


def _value_ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = _nice(scale.top / 5)
    return tuple(
        Tick(scale.y(k * step), f"{k * step:,.10g}") for k in range(round(scale.top / step) + 1)
    )

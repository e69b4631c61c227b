"""Tokens/s per user against users at once, as geometry for an SVG.

Zero-based; the axis of users is logarithmic because clients double. A figure that is not known
is no point at all, never a point at 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, hypot, log2, log10

from recommender.recommendation import Speed, SpeedPoint

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 44, 466, 26, 226

MOST_BAND = 2.0
"""A wide interval may fill the chart to twice the highest value, then runs out of its top; else
the values would lie flat on the ground. The sentence above and the table have its end."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    label: str
    anchor: str  # start | end for the first and last, which carry their number; else ""


@dataclass(frozen=True, slots=True)
class SpeedChart:
    band: str  # SVG points of the interval, "" when there is none
    line: str  # SVG points of the estimate
    hollow: tuple[Dot, ...]
    solid: tuple[Dot, ...]
    solid_line: str
    target_y: float | None
    target_label: str
    target_x: float  # where the label stands clearest of the curves
    clients: tuple[Tick, ...]
    rates: tuple[Tick, ...]
    least: int  # users at the left end
    most: int
    top: float  # tokens/s per user at the upper end


@dataclass(frozen=True, slots=True)
class _Scale:
    least: int
    most: int
    top: float  # tokens/s per user

    def x(self, clients: int) -> float:
        span = log2(self.most / self.least) or 1.0
        return round(LEFT + (RIGHT - LEFT) * log2(clients / self.least) / span, 1)

    def y(self, rate: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(rate, self.top) / self.top, 1)


def speed_chart(speed: Speed) -> SpeedChart | None:
    """None when no figure at all is known."""
    points = (*speed.estimated, *speed.measured)
    rates = [rate for _, rate in _known(points)]
    if not rates:
        return None
    target = speed.target_tok_s_per_user
    value = max(*rates, target or 0.0)
    most = max(value, min(_highest(points), MOST_BAND * value))
    return _draw(speed, _scale(points, most), target)


def _draw(speed: Speed, scale: _Scale, target: float | None) -> SpeedChart:
    return SpeedChart(
        band=_band(speed.estimated, scale),
        line=_line(speed.estimated, scale),
        hollow=_dots(speed.estimated, scale),
        solid=_dots(speed.measured, scale),
        solid_line=_line(speed.measured, scale),
        target_y=scale.y(target) if target else None,
        target_label=f"target {target:g}" if target else "",
        target_x=_clearest_x(speed, scale, scale.y(target)) if target else 0.0,
        clients=_client_ticks(scale),
        rates=_rate_ticks(scale),
        least=scale.least,
        most=scale.most,
        top=scale.top,
    )


def _clearest_x(speed: Speed, scale: _Scale, y: float) -> float:
    curves = [_known(speed.estimated), _known(speed.measured)]
    spots = [(scale.x(c), scale.y(v)) for curve in curves for c, v in curve]
    tried = [LEFT + (RIGHT - LEFT) * share for share in (0.88, 0.5, 0.14)]
    return max(tried, key=lambda x: min(hypot((x - a) / 2, y - 8 - b) for a, b in spots))


def _highest(points: Iterable[SpeedPoint]) -> float:
    figures = [p.tok_s_per_user for p in points]
    return max(v for f in figures for v in (f.value, f.high) if v is not None)


def _scale(points: Iterable[SpeedPoint], most: float) -> _Scale:
    """`most`: tokens/s that the axis has to reach."""
    clients = [p.clients for p in points]
    step = nice_step(most / 4)
    return _Scale(min(clients), max(clients), step * ceil(most / step) or 1.0)


def nice_step(about: float) -> float:
    """The 1, 2, 2.5 or 5 times a power of ten that is at least `about`."""
    if about <= 0:
        return 1.0
    power = 10.0 ** floor(log10(about))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= about * 0.999)


def _known(points: Iterable[SpeedPoint]) -> list[tuple[int, float]]:
    return [
        (p.clients, p.tok_s_per_user.value) for p in points if p.tok_s_per_user.value is not None
    ]


def _line(points: Iterable[SpeedPoint], scale: _Scale) -> str:
    return _polyline((scale.x(c), scale.y(v)) for c, v in _known(points))


def _polyline(spots: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in spots)


def _band(points: Iterable[SpeedPoint], scale: _Scale) -> str:
    known = [
        (p.clients, p.tok_s_per_user.low, p.tok_s_per_user.high)
        for p in points
        if p.tok_s_per_user.low is not None and p.tok_s_per_user.high is not None
    ]
    upper = [(scale.x(c), scale.y(high)) for c, _, high in known]
    lower = [(scale.x(c), scale.y(low)) for c, low, _ in reversed(known)]
    return _polyline([*upper, *lower])


def _dots(points: Iterable[SpeedPoint], scale: _Scale) -> tuple[Dot, ...]:
    known = _known(points)
    anchors = {len(known) - 1: "end", 0: "start"}
    return tuple(
        Dot(scale.x(c), scale.y(v), f"{v:.3g}" if v < 100 else f"{v:.0f}", anchors.get(index, ""))
        for index, (c, v) in enumerate(known)
    )


def _client_ticks(scale: _Scale) -> tuple[Tick, ...]:
    doublings = range(ceil(log2(scale.least)), floor(log2(scale.most)) + 1)
    numbers = [2**k for k in doublings] or [scale.least]
    every = ceil(len(numbers) / 8)
    return tuple(Tick(scale.x(n), str(n)) for n in numbers[::every])


def _rate_ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = nice_step(scale.top / 5)
    count = round(scale.top / step)
    return tuple(Tick(scale.y(k * step), f"{k * step:g}") for k in range(count + 1))

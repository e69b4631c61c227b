"""Each accelerator's memory as a bar: parts, what is free, or how far it goes over.

Several accelerators share every part alike, so that their bars are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from recommender.recommendation import Memory


@dataclass(frozen=True, slots=True)
class Segment:
    """`x` and `width` in percent of the bar; `gib` to two places, so that the column adds up."""

    id: str
    label: str
    note: str
    gib: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class MemoryBar:
    """`limit_x` is where the memory that can be used ends, in percent; None when it is not known.
    `built_in_x`: where what is built in ends, None where that is the same or not known. `bars`:
    one number for each accelerator, as many as are drawn; `each_*`: of one of them."""

    segments: tuple[Segment, ...]
    total_gib: float
    available_gib: float | None
    free_gib: float | None
    over_gib: float | None
    limit_x: float | None
    built_in_x: float | None
    gpus: int
    bars: tuple[int, ...]
    each_gib: float
    each_built_in_gib: float | None

    @property
    def kept_width(self) -> float:
        """Of what is built in and cannot be used, in percent."""
        return round((self.built_in_x or 0.0) - (self.limit_x or 0.0), 2)


MOST_BARS = 8
"""Accelerators that are drawn; more look alike."""


def memory_bar(memory: Memory) -> MemoryBar:
    total = round(memory.total_gib, 2)
    available = None if memory.available_gib is None else round(memory.available_gib, 2)
    built_in = memory.nominal_gib if memory.nominal_gib != memory.available_gib else None
    scale = max(total, available or 0.0, built_in or 0.0) or 1.0
    left = None if available is None else round(available - total, 2)
    return MemoryBar(
        segments=_segments(memory, scale),
        total_gib=total,
        available_gib=available,
        free_gib=left if left is not None and left >= 0 else None,
        over_gib=-left if left is not None and left < 0 else None,
        limit_x=None if available is None else round(100 * available / scale, 2),
        built_in_x=None if built_in is None else round(100 * built_in / scale, 2),
        gpus=memory.gpus,
        bars=tuple(range(1, min(memory.gpus, MOST_BARS) + 1)),
        each_gib=round(total / memory.gpus, 2),
        each_built_in_gib=memory.nominal_gib and memory.nominal_gib / memory.gpus,
    )


def _segments(memory: Memory, scale: float) -> tuple[Segment, ...]:
    found: list[Segment] = []
    x = 0.0
    shown = adding_up([part.gib for part in memory.parts], memory.total_gib)
    for part, gib in zip(memory.parts, shown, strict=True):
        width = 100 * part.gib / scale
        found.append(Segment(part.id, part.label, part.note, gib, round(x, 2), round(width, 2)))
        x += width
    return tuple(found)


def adding_up(parts: list[float], total: float) -> list[float]:
    """The parts to two places, so that they add up to the total to two places.

    What rounding leaves over goes to the parts that lost most by it (largest remainder).
    """
    cents = [floor(part * 100 + 1e-9) for part in parts]
    missing = round(total * 100) - sum(cents)
    by_loss = sorted(range(len(parts)), key=lambda i: cents[i] - parts[i] * 100)
    for index in by_loss[: max(missing, 0)]:
        cents[index] += 1
    return [cent / 100 for cent in cents]

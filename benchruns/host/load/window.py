"""When was the load full? What lies outside is ramp and cool-down, and in no latency.

Closed loop: full from the moment the last client joined until the moment from which on, for good,
fewer than all clients were being answered. A request belongs to the cool-down where more than a
tenth of it lies after that moment: it ran with fewer neighbours than the point is about. Where
that would leave too few answers to say anything, they all count.
Open loop: full from the end of the ramp until the last request was due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from benchruns.host.document import Sample

OUTSIDE = 0.1  # of a request's span
KEEP = 5  # steady answers without which nothing can be said
Window = tuple[float, float]


def full(samples: Sequence[Sample], clients: int, ramp_s: float = 0.0) -> Window | None:
    """Of a closed loop, in seconds of the point's clock; None where there was no such time."""
    ends = sorted(s.end_s for s in samples if s.end_s is not None)
    if not ends:
        return None
    begin = max(ramp_s, min(s.start_s for s in samples))
    end = ends[max(0, len(ends) - clients)]
    return (begin, end) if end > begin else None


def parted(samples: Sequence[Sample], clients: int, ramp_s: float = 0.0) -> tuple[Sample, ...]:
    """The samples of a closed loop, each told which part of the point it belongs to."""
    window = full(samples, clients, ramp_s)
    if window is None:
        return tuple(samples)
    named = tuple(_named(sample, _part(sample, window)) for sample in samples)
    if sum(s.part == "steady" and s.outcome == "ok" for s in named) >= KEEP:
        return named
    return tuple(_named(s, "steady") if s.part == "cool-down" else s for s in named)


def parted_open(samples: Sequence[Sample], ramp_s: float) -> tuple[Sample, ...]:
    """The same for an open loop: what was due during the ramp does not count."""
    return tuple(_named(s, "ramp") if (s.scheduled_s or 0.0) < ramp_s else s for s in samples)


def _named(sample: Sample, part: Literal["steady", "ramp", "cool-down"]) -> Sample:
    return sample if sample.part == part else sample.model_copy(update={"part": part})


def _part(sample: Sample, window: Window) -> Literal["steady", "ramp", "cool-down"]:
    begin, end = window
    if sample.start_s < begin:
        return "ramp"
    if sample.end_s is None or sample.end_s <= end:
        return "steady"
    span = sample.end_s - sample.start_s
    return "cool-down" if span > 0 and (sample.end_s - end) / span > OUTSIDE else "steady"

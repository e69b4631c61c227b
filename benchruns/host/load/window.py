"""When was the load full? What lies outside is ramp and cool-down, and in no latency.

Closed loop: full from the moment the last client joined until the first client had sent its last
request and was answered: from then on there are fewer. Only clients who were answered well at all
are looked at: one that is refused each time ends soon and says nothing of the others. A request
belongs to the cool-down where more than a tenth of it lies after that moment: it ran with fewer
neighbours than the point is about. Where that would leave too few answers to say anything, they
all count.
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
    good = [s for s in samples if s.outcome == "ok" and s.end_s is not None]
    if not good:
        return None
    begin = max(ramp_s, min(s.start_s for s in good))
    end = _first_left_s(samples, {s.client for s in good}, clients)
    return (begin, end) if end > begin else None


def _first_left_s(samples: Sequence[Sample], served: set[int | None], clients: int) -> float:
    """Of older samples, which do not say whose they are: as if each client's last ended last."""
    last: dict[int | None, float] = {}
    for sample in samples:
        if sample.end_s is not None and sample.client in served:
            last[sample.client] = max(sample.end_s, last.get(sample.client, sample.end_s))
    if None not in served:
        return min(last.values())
    ends = sorted(s.end_s for s in samples if s.outcome == "ok" and s.end_s is not None)
    return ends[max(0, len(ends) - clients)]


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

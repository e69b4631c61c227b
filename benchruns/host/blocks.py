"""Requests in flight together shared the same batches: what held one up held up all of them.

So they are no independent values. What can be taken for independent is a stretch of time long
enough for everybody in flight to be replaced: as many answers, one after the other, as there are
requests at a time. Source: the non-overlapping block bootstrap, Davison and Hinkley 1997, 8.2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

from benchruns.host.document import Sample

T = TypeVar("T")


def blocks(values: Sequence[T], together: int) -> list[Sequence[T]]:
    """Of at least `together` each, in order; what is left over goes to the last."""
    begins = range(0, max(1, len(values) // together) * together, together)
    ends = [*begins[1:], len(values)]
    return [values[a:b] for a, b in zip(begins, ends, strict=True)] if values else []


def by_end(samples: Sequence[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda s: s.start_s if s.end_s is None else s.end_s)


def in_flight(samples: Sequence[Sample]) -> int:
    """How many there were at a time, on average, at least one (Little's law)."""
    spans = [(s.start_s, s.end_s) for s in samples if s.end_s is not None]
    if not spans:
        return 1
    whole = max(end for _, end in spans) - min(start for start, _ in spans)
    return max(1, ceil(sum(end - start for start, end in spans) / whole)) if whole > 0 else 1

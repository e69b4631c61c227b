"""Times a call many times; the median travels with its spread and its n."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds. `budget_ms` is what the project promises of the median, or where `promised`
    says so of the 95th percentile; None where it promises nothing.
    """

    name: str
    n: int
    p50_ms: float
    p95_ms: float
    budget_ms: float | None
    note: str = ""
    promised: Literal["p50", "p95"] = "p50"

    @property
    def holds(self) -> bool | None:
        figure = self.p95_ms if self.promised == "p95" else self.p50_ms
        return None if self.budget_ms is None else figure <= self.budget_ms


def time_each(
    name: str,
    call: Callable[[Given], object],
    inputs: Iterable[Given],
    *,
    budget_ms: float | None = None,
    note: str = "",
) -> Timing:
    """One timing per input, the first input twice so that nothing is timed cold."""
    given = list(inputs)
    call(given[0])
    gc.collect()
    return summed(name, [_once(call, value) for value in given], budget_ms=budget_ms, note=note)


def summed(
    name: str,
    took_ms: Iterable[float],
    *,
    budget_ms: float | None = None,
    note: str = "",
    promised: Literal["p50", "p95"] = "p50",
) -> Timing:
    """What was timed, as one line."""
    took = sorted(took_ms)
    p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
    return Timing(name, len(took), statistics.median(took), p95, budget_ms, note, promised)


def _once(call: Callable[[Given], object], value: Given) -> float:
    start = time.perf_counter()
    call(value)
    return (time.perf_counter() - start) * 1000

"""Keeps the client's own pauses out of a point, and tells what measuring cost it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time, thread_time

from benchruns.host.document import ClientLoad


@contextmanager
def no_collection() -> Iterator[None]:
    """Collecting garbage among ten thousand answers takes longer than a token."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True)
class CostMeter:
    """Begin it in the thread that generates the load."""

    _began: float = field(default_factory=perf_counter)
    _process: float = field(default_factory=process_time)
    _thread: float = field(default_factory=thread_time)

    def load(self, tokens: int, handling_p99_ms: float | None) -> ClientLoad:
        """`tokens`: all that arrived meanwhile, of requests that went well or not."""
        cpu_s, span_s = process_time() - self._process, perf_counter() - self._began
        return ClientLoad(
            cpu_s=round(cpu_s, 4),
            cpu_s_per_1000_tokens=round(1000 * cpu_s / tokens, 5) if tokens else None,
            busy=round((thread_time() - self._thread) / span_s, 4) if span_s else 0.0,
            handling_p99_ms=None if handling_p99_ms is None else round(handling_p99_ms, 4),
        )

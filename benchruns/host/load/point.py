"""One point as it was seen, before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass

from benchruns.host.document import ClientLoad, Sample


@dataclass(frozen=True, slots=True)
class RawPoint:
    """Closed loop with `clients`; open loop where `rate_per_s` is given, `clients` then 0.

    `in_flight`: (seconds, requests in flight) whenever one was due, of an open loop.
    """

    clients: int
    duration_s: float
    samples: tuple[Sample, ...]
    lag_p99_ms: float | None
    cut: bool  # by the time limit
    cpu_percent_others: float | None
    client: ClientLoad | None = None
    rate_per_s: float | None = None
    in_flight: tuple[tuple[float, int], ...] = ()
    in_step: bool = False  # the sequences of one batch, timed together: one value for each batch
    cached_tokens: int | None = None  # by the server's own counters, over the whole point

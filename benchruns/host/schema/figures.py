"""Samples as the client saw them and what is computed from them.

Times are seconds since the point began (monotonic clock), latencies milliseconds, rates tokens per
second. What could not be measured is null.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchruns.host.schema.finding import Guarded
from benchruns.host.schema.part import Part

Percentile = Literal["p5", "p90", "p95", "p99"]
Interval = tuple[float, float]


class Sample(Part):
    """One request as the client saw it. Kept raw; every summary is computed from these.

    `part`: "ramp" while clients were still joining, "cool-down" where more than a tenth of it lay
    after the last moment at which all clients were busy; only "steady" ones count for latencies.
    """

    start_s: float  # the request went out
    client: int | None = None  # closed loop, from 0; null: of an older release, which did not say
    scheduled_s: float | None = None  # open loop: when it was due; latencies count from here
    first_chunk_s: float | None = None  # first event of the stream, with text or without
    first_token_s: float | None  # first chunk that carries text
    end_s: float | None
    token_times_s: tuple[float, ...] = ()  # arrival of each chunk with text
    prompt_tokens: int | None = None  # from `usage`
    output_tokens: int | None = None
    wanted_tokens: int | None = None  # null: the plan's
    # "length": no `usage`, but the server said that it stopped at the asked length.
    # "chunks": no `usage`, each chunk with text taken for one token; marked by a guard.
    counted_by: Literal["usage", "length", "chunks"] = "usage"
    cached_tokens: int | None = None
    outcome: Literal["ok", "short", "failed", "timeout"] = "ok"
    part: Literal["steady", "ramp", "cool-down"] = "steady"
    error: str = ""


class Distribution(Part):
    """Of `n` values; a percentile is null while n is too small to know it.

    Intervals are 95 %: `low` and `high` are the median's, by a bootstrap of blocks of requests;
    those of the tails are order statistics. Null, or absent, where there is too little for one.
    """

    n: int
    mean: float | None = None
    p50: float | None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    p5: float | None = None
    low: float | None = None
    high: float | None = None
    intervals: dict[Percentile, Interval] = Field(default_factory=dict)


class Summary(Part):
    """Over the steady requests that went well. TPOT excludes the first token.

    Rates are over the window in which all clients are busy (closed loop) or requests are being
    sent (open loop).
    """

    ok: int
    not_ok: int
    short: int = 0
    failed: int = 0
    timeouts: int = 0
    outside: int = 0  # went well, but during ramp or cool-down: in no latency
    ttft_ms: Distribution
    ttft_sent_ms: Distribution | None = None  # open loop: from the actual sending
    itl_ms: Distribution
    tpot_ms: Distribution
    e2e_ms: Distribution
    tok_s_per_user: Distribution  # 1000 / TPOT of each request
    output_tok_s: float | None  # of all clients together
    total_tok_s: float | None = None  # prompt tokens too, each when its first token came
    requests_s: float | None
    stable: bool
    verdict: str = ""  # "stable", or why not

    @property
    def success(self) -> float | None:
        """Share of requests that went well; null without any."""
        return self.ok / (self.ok + self.not_ok) if self.ok + self.not_ok else None


class ClientLoad(Part):
    """What measuring cost the client itself."""

    processes: int = 1
    cpu_s: float  # of all its processes
    cpu_s_per_1000_tokens: float | None
    busy: float  # share of one core that its busiest process used
    handling_p99_ms: float | None = None  # from "data is there" to "it has been read"


class Point(Guarded):
    """Closed loop: `clients` at once, each with its next request when the last is answered."""

    clients: int = Field(ge=1)
    slots: int | None
    duration_s: float
    samples: tuple[Sample, ...]
    summary: Summary
    client_lag_p99_ms: float | None = None  # how late the load generator itself was
    cpu_percent_others: float | None = None  # by processes that had no part in it
    client: ClientLoad | None = None


class OpenPoint(Guarded):
    """Open loop: requests go out when they are due, answered or not (Poisson arrivals)."""

    rate_per_s: float = Field(gt=0)  # asked for
    sent_per_s: float | None  # what the draw of arrivals came to
    in_flight_p50: float | None = None
    in_flight_max: int | None = None
    late_p99_ms: float | None = None  # how long after they were due requests went out
    duration_s: float
    samples: tuple[Sample, ...]
    summary: Summary
    client_lag_p99_ms: float | None = None
    cpu_percent_others: float | None = None
    client: ClientLoad | None = None


class Goodput(Guarded):
    """The most clients for which p95 TTFT and p5 tokens/s per user hold, found by search.

    `clients` null: not measured; 0: not even one client gets it. `bounded` false: the most clients
    that were tried still got it. `tries` in the order in which they were measured.
    """

    ttft_ms: float | None
    tokens_per_user: float | None
    clients: int | None
    bounded: bool = True
    output_tok_s: float | None = None  # at that many clients
    requests_s: float | None = None
    tries: tuple[Point, ...] = ()


class InProcess(Guarded):
    """The engine without HTTP, as llama-bench (pp, tg) and llama-batched-bench do it.

    `seconds`: each repetition, raw. `tok_s` is of the tokens the test is named after: the prompt's
    for "pp", the generated ones of all sequences together for "tg". The first token of a sequence
    comes of reading its prompt and is in no "tg".
    """

    test: Literal["pp", "tg"]
    sequences: int = Field(ge=1)  # in one batch
    prompt_tokens: int = Field(ge=0)  # of each sequence, before the test for "tg"
    output_tokens: int = Field(ge=0)  # of each sequence
    threads: int | None = None
    seconds: tuple[float, ...]
    tok_s: Distribution

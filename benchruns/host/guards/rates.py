"""Guards on figures and on the client that took them."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.host.document import ClientLoad, Finding, Summary
from benchruns.host.guards import found

LAG_LIMIT_MS = 10.0
CLIENT_BUSY = 0.9  # of one core


def of_rates(summary: Summary, ceiling_tok_s: float | None) -> Iterator[Finding]:
    """Physically impossible rates."""
    rate = summary.tok_s_per_user.p50
    if rate is not None and ceiling_tok_s is not None and rate > ceiling_tok_s:
        yield found(
            "above-roofline",
            f"{rate:.0f} tokens/s per user is more than memory can deliver "
            f"({ceiling_tok_s:.0f} at most): something is not what it seems",
            "refuse",
            tok_s=rate,
            ceiling_tok_s=round(ceiling_tok_s, 1),
        )


def of_client(lag_p99_ms: float | None, load: ClientLoad | None = None) -> Iterator[Finding]:
    if load is not None and load.busy > CLIENT_BUSY:
        yield found(
            "client-lag",
            f"the load generator was the bottleneck: it used {load.busy:.0%} of a core",
            "refuse",
            busy=load.busy,
        )
    if lag_p99_ms is not None and lag_p99_ms > LAG_LIMIT_MS:
        yield found(
            "client-lag",
            f"the load generator itself was up to {lag_p99_ms:.0f} ms late (p99)",
            lag_p99_ms=round(lag_p99_ms, 3),
        )

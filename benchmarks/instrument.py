"""The measuring instrument against known truth, at a load that strains client and server alike.

256 clients, 20 tokens/s each, against `rigguide mock-engine` in a process of its own. The truth is
what the mock engine's log says it did. Medians must be within 1 %, p99 within 3 %. Beside it: what
the client itself costs, and what others cost as `make bench-peers` last measured it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import httpx
import numpy as np

from benchmarks.timing import Timing
from benchruns.host import measure
from benchruns.host.adapters import endpoint
from benchruns.host.conditions import CpuWatch
from benchruns.host.document import Point, ResultDocument
from benchruns.host.guards.machine import DISTURBED
from benchruns.host.plan import Plan
from benchruns.host.statistics import itl_ms, ttft_ms

CLIENTS, TTFT_MS, ITL_MS, JITTER, TOKENS = 256, 200.0, 50.0, 0.05, 64
MEDIAN_SHARE, P99_SHARE = 0.01, 0.03
_PROGRAM = "from benchruns.host.cli import main; main()"
Log = list[list[float]]


def run() -> list[Timing]:
    truth = ["--ttft-ms", TTFT_MS, "--itl-ms", ITL_MS, "--jitter", JITTER, "--slots", CLIENTS]
    with mock_engine(*truth) as (address, pid):
        others = CpuWatch(pid)
        document = load(address)
        busy = others.percent_others() or 0.0
        log: Log = httpx.get(f"{address}/mock/log", timeout=30, trust_env=False).json()
        lag = httpx.get(f"{address}/mock/lag", timeout=30, trust_env=False).json()
    point = document.points[0]
    true_ttft, true_gaps = _true(point, log)
    seen = [s for s in point.samples if s.outcome == "ok" and s.part == "steady"]
    n = f"{len(seen)} steady requests; mock late by {lag['p99']} ms p99"
    found_ttft = [t for t in map(ttft_ms, seen) if t is not None]
    found_gaps = [gap for sample in seen for gap in itl_ms(sample)]
    rows = [
        *_off("TTFT", found_ttft, true_ttft, n),
        *_off("ITL", found_gaps, true_gaps, f"set to {ITL_MS:g} ms"),
    ]
    return [*(_unjudged(row, busy) if busy > DISTURBED else row for row in rows), _cost(point)]


def _unjudged(row: Timing, busy: float) -> Timing:
    """As the product itself: with so much taken by others, figures are about the others."""
    note = f"NOT JUDGED, others used {busy:.0f} % of the processor; {row.note}"
    return replace(row, budget_ms=None, note=note)


@contextmanager
def mock_engine(*options: object) -> Iterator[tuple[str, int]]:
    """Its address and process id, in a process of its own."""
    argv = [sys.executable, "-c", _PROGRAM, "mock-engine", "--port", "0", *map(str, options)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = re.search(r"http://[\d.:]+\d", process.stdout.readline())
            assert said, "the mock engine did not say where it is"
            yield said[0], process.pid
        finally:
            process.terminate()


def load(
    address: str, *, clients: int = CLIENTS, output_tokens: int = TOKENS, requests: int = 4
) -> ResultDocument:
    """RigGuide's own client. The clients join over one answer's time, so that they do not all wait
    for their next token at the same moment.
    """
    plan = Plan(
        engine="endpoint",
        variant="as-served",
        model="mock",
        quant="none",
        clients=(clients,),
        prompt_tokens=64,
        output_tokens=output_tokens,
        requests_per_client=requests,
        ramp_s=round((TTFT_MS + ITL_MS * output_tokens) / 1000, 1),
        time_limit_s=120,
    )
    server = endpoint.connect(address, "mock")
    return measure.measure_endpoint(plan, server, report=lambda _: None, cancelled=lambda: False)


def _true(point: Point, log: Log) -> tuple[list[float], list[float]]:
    """Of the requests that count. Both sides saw first tokens in the same order; what the mock
    answered before that was warm-up.
    """
    seen = sorted(
        (s for s in point.samples if s.first_token_s is not None),
        key=lambda s: s.first_token_s or 0.0,
    )
    done = sorted((row for row in log if len(row) > 1), key=lambda row: row[1])[-len(seen) :]
    rows = [row for row, s in zip(done, seen, strict=True) if s.part == "steady"]
    gaps = [1000 * (b - a) for row in rows for a, b in pairwise(row[1:])]
    return [1000 * (row[1] - row[0]) for row in rows], gaps


def _off(what: str, found: Sequence[float], truth: Sequence[float], note: str) -> list[Timing]:
    """How far the found figure is from the true one, against what is allowed, in ms."""
    rows = []
    for name, percentile, share in (("median", 50, MEDIAN_SHARE), ("p99", 99, P99_SHARE)):
        is_, was = np.percentile(found, percentile), np.percentile(truth, percentile)
        off = abs(float(is_ - was))
        told = f"{is_:.2f} found, {was:.2f} true ms ({off / was:.2%} off); {note}"
        rows.append(
            Timing(f"{what} {name}, off the truth", len(found), off, off, share * float(was), told)
        )
    return rows


def _cost(point: Point) -> Timing:
    assert point.client is not None
    per_1000_ms = 1000 * (point.client.cpu_s_per_1000_tokens or 0.0)
    beside = "".join(f"; {name} {1000 * s:.1f}" for name, s in sorted(_peers().items()))
    note = (
        f"{point.summary.output_tok_s:.0f} tok/s, busy {point.client.busy:.0%} of a core, "
        f"lag p99 {point.client_lag_p99_ms} ms{beside or '; peers: make bench-peers'}"
    )
    name = f"client CPU per 1,000 tokens, {point.clients} clients"
    return Timing(name, point.summary.ok, per_1000_ms, per_1000_ms, None, note)


def _peers() -> dict[str, float]:
    """Seconds per 1,000 tokens by tool, medians of the rounds: measured here, else committed."""
    here = Path(os.environ.get("DATA_DIR", "var")) / "bench" / "peers.json"
    path = next((p for p in (here, Path("docs/data/peers.json")) if p.exists()), None)
    if path is None:
        return {}
    costs: dict[str, list[float]] = {}
    for told in json.loads(path.read_text())["raw"].get("client", []):
        cost = told["values"].get("cpu_s_per_1000_tokens")
        if cost is not None:
            costs.setdefault(told["tool"], []).append(cost)
    return {tool: median(found) for tool, found in costs.items()}

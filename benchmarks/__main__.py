"""Runs every benchmark: `python -m benchmarks [name …]`. Exits 1 when a promise is missed."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import advice, estimate, instrument, recommender, site, weights
from benchmarks.timing import Timing

SUITES: dict[str, Callable[[], list[Timing]]] = {
    "recommender": recommender.run,
    "estimate": estimate.run,
    "advice": advice.run,
    "weights": weights.run,
    "instrument": instrument.run,
    "hosts": site.run_hosts,
    "growth": site.run_growth,
    "live": site.run_live,
}
HEAD = f"{'what':<44} {'n':>6} {'p50 ms':>10} {'p95 ms':>10} {'promise':>10}"


def _line(timing: Timing) -> str:
    promise = "" if timing.budget_ms is None else f"{timing.budget_ms:g}"
    mark = {True: "holds", False: "MISSED", None: ""}[timing.holds]
    figures = f"{timing.n:>6} {timing.p50_ms:>10.3f} {timing.p95_ms:>10.3f} {promise:>10}"
    return f"{timing.name:<44} {figures}  {mark} {timing.note}".rstrip()


def _write(name: str, timings: list[Timing]) -> Path:
    folder = Path(os.environ.get("DATA_DIR", "var")) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "suite": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
        "timings": [asdict(timing) for timing in timings],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, indent=1))
    return path


def main(wanted: list[str]) -> int:
    missed = 0
    print(HEAD)
    for name in wanted or list(SUITES):
        timings = SUITES[name]()
        print("\n".join(map(_line, timings)))
        print(f"  → {_write(name, timings)}")
        missed += sum(timing.holds is False for timing in timings)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Making synthetic weights: how fast on this disk, and in how little memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Timing
from benchruns.host.synthetic import cache

MODEL, QUANTS, LAYERS, TIMES = "llama-3.1-8b", ("F16", "Q8_0", "Q4_0", "Q4_K_M"), 4, 3
PROMISED_MB_S = 200
PROMISED_MIB = 128
"""Above what the imported modules need, whatever the size of the model."""

# A process of its own: the peak of its memory is that of making weights and nothing else.
_MAKE = """
import json, resource, sys, time
from pathlib import Path
from benchruns.host.synthetic import cache
from benchruns.host.weights import resolve

def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

source = resolve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
before, start = peak_mib(), time.perf_counter()
path = cache.provide(Path(sys.argv[4]), source.id, source.shape, source.quant)
took_s = time.perf_counter() - start
print(json.dumps({"s": took_s, "bytes": path.stat().st_size, "mib": peak_mib() - before}))
"""


def run() -> list[Timing]:
    return [row for quant in QUANTS for row in _rows(quant)]


def _rows(quant: str) -> list[Timing]:
    """Time against the promised rate, fsync included, and memory against its ceiling."""
    made = [_make(quant) for _ in range(TIMES)]
    took = [one["s"] * 1000 for one in made]
    size, p50 = made[0]["bytes"], statistics.median(took)
    name = f"synthetic {quant}, {LAYERS} layers of {MODEL}"
    rate = f"{size / 1e6:,.0f} MB at {size / 1e3 / p50:,.0f} MB/s"
    memory = [one["mib"] for one in made]
    return [
        Timing(name, TIMES, p50, max(took), size / 1e3 / PROMISED_MB_S, rate),
        Timing("  memory it took", TIMES, max(memory), max(memory), PROMISED_MIB, "MiB, not ms"),
    ]


def _make(quant: str) -> dict[str, float]:
    """Anew each time, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="rigguide-weights-", dir=_disk()) as folder:
        argv = [sys.executable, "-c", _MAKE, MODEL, quant, str(LAYERS), folder]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _disk() -> Path:
    """Where weights are really kept: a folder in memory would say nothing."""
    cache.directory().mkdir(parents=True, exist_ok=True)
    return cache.directory()

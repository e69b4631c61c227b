"""The plan `quick` on every engine that is installed here: how long it really takes, start and all.

`python -m benchmarks.quick`, with `--model SPEC` of another model. What is promised is a minute on
a quiet machine for engines that start in seconds; where the time is short, fewer medians get an
interval, and each point says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import monotonic

from benchmarks.engines import MODEL, Case, installed
from benchmarks.timing import Timing
from benchruns.host import measure, weights
from benchruns.host.choice import START_S
from benchruns.host.document import ResultDocument
from benchruns.host.errors import EngineFailed
from benchruns.host.presets import named

PROMISED_S = 60
SPEC = f"synthetic:{MODEL}"


def run(spec: str = SPEC, quant: str | None = None) -> list[Timing]:
    """One for each way of having an engine that serves over HTTP."""
    ways: dict[tuple[str, str], Case] = {}
    for case in installed():
        ways.setdefault((case.engine, case.provider), case)
    return [_timed(case, spec, quant or case.quant) for case in ways.values()]


def _timed(case: Case, spec: str, quant: str) -> Timing:
    """Weights are made before: they are kept, and a second measurement finds them."""
    source = weights.resolve(spec, quant)
    plan = named("quick", engine=case.engine, provider=case.provider, model=source.facts().id,
                 quant=source.facts().quant)  # fmt: skip
    name, promise = f"quick, {case.engine} {case.provider}", _promise_ms(case)
    source.prepare(lambda _done, _whole: None)
    began = monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="rigguide-quick-") as work:
            document = measure.measure(
                plan,
                report=lambda _progress: None,
                cancelled=lambda: False,
                work_dir=Path(work),
                weights=source,
                spec=spec,
            )
    except EngineFailed as error:
        return Timing(name, 0, 0.0, 0.0, None, f"not measured: {error.reason}")
    took_ms = 1000 * (monotonic() - began)
    return Timing(name, 1, took_ms, took_ms, promise, told(document))


def _promise_ms(case: Case) -> float | None:
    return None if case.engine in START_S else 1000.0 * PROMISED_S


def told(document: ResultDocument) -> str:
    """How long the start took, and at each number of clients how many answers and how sure."""
    start_s = document.engine.startup_s
    start = "" if start_s is None else f"start {start_s:.0f} s; "
    return start + ", ".join(_point(document, at) for at in range(len(document.points)))


def _point(document: ResultDocument, at: int) -> str:
    point = document.points[at]
    rate = point.summary.tok_s_per_user
    sure = "no interval" if rate.low is None else f"{rate.low:.1f}–{rate.high:.1f} tok/s per user"
    return f"{point.clients}: {point.summary.ok} answers in {point.duration_s:.0f} s ({sure})"


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quick")
    parser.add_argument("--model", default=SPEC, help="as rigguide bench takes it")
    parser.add_argument("--quant", help="of all engines; by default each its own")
    options = parser.parse_args(words)
    missed = 0
    for timing in run(options.model, options.quant):
        mark = {True: "holds", False: "MISSED", None: ""}[timing.holds]
        print(f"{timing.name:<40} {timing.p50_ms / 1000:>7.1f} s {mark:<7} {timing.note}")
        missed += timing.holds is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

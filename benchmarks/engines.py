"""Measures every engine that is installed here, as shipped and set for the load.

`python -m benchmarks.engines` takes the cases in turns, so that a slow quarter of an hour hits all
alike, and writes one result document each. What was measured before is left out unless --again, so
a run that was stopped goes on. Nothing of it is a promise: the documents are data.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from pydantic import ValidationError

from benchruns.host import measure, weights
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import ResultDocument
from benchruns.host.errors import EngineFailed
from benchruns.host.plan import Plan
from benchruns.host.progress import Progress

MODEL = Path(__file__).with_name("models") / "llama-246m" / "config.json"
DOCUMENTS = Path(__file__).resolve().parents[1] / "benchruns" / "data" / "documents"
CLIENTS = (1, 2, 4, 8)
MOST_BYTES = 150_000  # of a document that is kept in the repository


@dataclass(frozen=True, slots=True)
class Case:
    """`limit_s` holds the start as well; a quiet machine needs about 40 % of it."""

    engine: str
    provider: str
    quant: str
    limit_s: int
    output_tokens: int = 64
    requests_per_client: int = 2

    def name(self, variant: str) -> str:
        return f"{self.engine}-{self.provider}-{self.quant}-{variant}.json"

    def plan(self, variant: str, model: str) -> Plan:
        return Plan.model_validate(
            {
                "engine": self.engine,
                "provider": self.provider,
                "variant": variant,
                "model": model,
                "quant": self.quant,
                "clients": CLIENTS,
                "prompt_tokens": 64,
                "output_tokens": self.output_tokens,
                "requests_per_client": self.requests_per_client,
                "time_limit_s": self.limit_s,
            }
        )


# Those that compute in 16 bits are vLLM's and MLX-LM's own format; llama.cpp is measured in both.
CASES = (
    Case("llama.cpp", "native", "Q8_0", 120),
    Case("llama.cpp", "xllamacpp", "Q8_0", 120),
    Case("llama-cpp-python", "native", "Q8_0", 120),
    Case("llama.cpp-in-process", "native", "Q8_0", 100),
    Case("llama.cpp", "native", "BF16", 150),
    Case("vllm", "cpu", "BF16", 420),
    Case("mlx-lm", "cpu", "BF16", 300, output_tokens=16, requests_per_client=1),
)
VARIANTS = ("as-shipped", "tuned")


def installed() -> tuple[Case, ...]:
    return tuple(c for c in CASES if ADAPTERS[c.engine].installed(c.provider).provider)


def run(out: Path, cases: tuple[Case, ...], *, budget_s: float, again: bool) -> int:
    """How many could not be measured. Stops beginning new ones when the budget is spent."""
    out.mkdir(parents=True, exist_ok=True)
    began, failed = monotonic(), 0
    for variant, case in _turns(cases):
        path = out / case.name(variant)
        if not again and _whole(path):
            print(f"{path.name}: there already")
        elif monotonic() - began > budget_s:
            print(f"{path.name}: no time left; the same command goes on from here")
            failed += 1
        else:
            failed += not _one(case, variant, path)
    return failed


def _turns(cases: tuple[Case, ...]) -> Iterator[tuple[str, Case]]:
    return ((variant, case) for variant in VARIANTS for case in cases)


def _whole(path: Path) -> bool:
    try:
        ResultDocument.model_validate_json(path.read_text())
    except (OSError, ValidationError):
        return False
    return True


def _one(case: Case, variant: str, path: Path) -> bool:
    source = weights.resolve(f"synthetic:{MODEL}", case.quant)
    plan = case.plan(variant, source.facts().id)
    print(f"{path.name}: measuring", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="rigguide-bench-") as work:
            document = measure.measure(
                plan,
                report=_quiet,
                cancelled=lambda: False,
                work_dir=Path(work),
                weights=source,
                spec=f"synthetic:{MODEL.relative_to(MODEL.parents[3])}",
            )
    except EngineFailed as error:
        print(f"{path.name}: {error.reason}\n{error.log[-1500:]}", file=sys.stderr)
        return False
    print(f"{path.name}: {_line(document)}", flush=True)
    return _keep(path, document)


def _quiet(progress: Progress) -> None:
    del progress


def _line(document: ResultDocument) -> str:
    rates = [point.summary.output_tok_s for point in document.points]
    clients = "/".join(str(point.clients) for point in document.points)
    figures = "/".join("–" if rate is None else f"{rate:.0f}" for rate in rates)
    return f"{figures} tokens/s at {clients} clients, {document.engine.slots} slots"


def _keep(path: Path, document: ResultDocument) -> bool:
    """Whole or not at all, on one line: documents are read by programs."""
    text = document.model_dump_json() + "\n"
    if len(text) > MOST_BYTES:
        print(f"{path.name}: {len(text)} bytes, more than is kept", file=sys.stderr)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines")
    parser.add_argument("--out", type=Path, default=DOCUMENTS)
    parser.add_argument("--budget-s", type=float, default=1200, help="begin nothing after it")
    parser.add_argument("--again", action="store_true", help="also what was measured before")
    parser.add_argument("--only", help="engines, with commas between them")
    options = parser.parse_args(words)
    wanted = options.only.split(",") if options.only else [case.engine for case in CASES]
    cases = tuple(case for case in installed() if case.engine in wanted)
    missing = [f"{c.engine} ({c.provider})" for c in CASES if c.engine in wanted and c not in cases]
    for name in missing:
        print(f"{name}: not installed, see rigguide engines", file=sys.stderr)
    failed = run(options.out, cases, budget_s=options.budget_s, again=options.again)
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

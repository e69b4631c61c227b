"""llama.cpp without HTTP: RigGuide's own timing beside llama-bench and llama-batched-bench."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers import tools
from benchmarks.peers.figures import Figures
from benchmarks.peers.running import run
from benchmarks.peers.servers import CLIENTS, MODEL, OUTPUT, PROMPT, QUANT, weights
from benchruns.host.document import Point, ResultDocument

THREADS = os.cpu_count() or 1


def llama_bench(program: Path, number: int, folder: Path) -> Sequence[Figures]:
    argv = [str(program), "-m", str(weights()), "-p", str(PROMPT), "-n", str(OUTPUT)]
    argv += ["-t", str(THREADS), "-r", "2", "-o", "json"]
    said, cpu_s = run(argv, folder, tools.libraries(program))
    told = json.loads(said[said.index("[") :])
    values: dict[str, float | None] = {
        ("pp_tok_s" if test["n_prompt"] else "tg_tok_s"): test["avg_ts"] for test in told
    }
    return [Figures("llama-bench", number, 1, values, None, cpu_s)]


def llama_batched_bench(program: Path, number: int, folder: Path) -> Sequence[Figures]:
    argv = [str(program), "-m", str(weights()), "-t", str(THREADS), "-c", str(4096)]
    argv += ["-npp", str(PROMPT), "-ntg", str(OUTPUT), "-npl", ",".join(map(str, CLIENTS))]
    argv += ["--output-format", "jsonl"]
    said, cpu_s = run(argv, folder, tools.libraries(program))
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [
        Figures(
            "llama-batched-bench",
            number,
            row["pl"],
            {"pp_tok_s": row["speed_pp"], "tg_tok_s": row["speed_tg"]},
            None,
            cpu_s,
        )
        for row in rows
    ]


def rigguide(number: int, folder: Path) -> Sequence[Figures]:
    """The product's own way to the same: `rigguide bench --engine llama.cpp-in-process`."""
    out = folder / "in-process.json"
    program = "from benchruns.host.cli import main; main()"
    argv = [sys.executable, "-c", program, "bench", "--engine", "llama.cpp-in-process"]
    argv += ["--model", MODEL, "--quant", QUANT, "--clients", ",".join(map(str, CLIENTS))]
    argv += ["--prompt-tokens", str(PROMPT), "--output-tokens", str(OUTPUT)]
    argv += ["--time-limit", "60", "--seed", str(number), "--json", str(out)]
    root = str(Path(__file__).resolve().parents[2])
    _, cpu_s = run(argv, folder, {"PYTHONPATH": root})
    document = ResultDocument.model_validate_json(out.read_text())
    return [_of_point(point, number, cpu_s) for point in document.points]


def _of_point(point: Point, number: int, cpu_s: float) -> Figures:
    """Sequences go step by step together: one's time to the first token is that of all prompts."""
    first_ms, between_ms = point.summary.ttft_ms.p50, point.summary.tpot_ms.p50
    values = {
        "pp_tok_s": first_ms and 1000 * PROMPT * point.clients / first_ms,
        "tg_tok_s": between_ms and 1000 * point.clients / between_ms,
    }
    return Figures("RigGuide in-process", number, point.clients, values, point.summary.ok, cpu_s)

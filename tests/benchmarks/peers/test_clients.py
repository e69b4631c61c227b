"""What is read of each tool's own output; their shapes are those of the versions named here."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.peers.clients import GuideLlm, Load, RigGuide, VllmServe
from benchmarks.peers.running import ToolFailed, run
from tests.benchruns.host.instrument import mock

# A stand-in program: writes what the tool writes, and what it was asked to argv.json.
PROGRAM = """#!{python}
import json, sys
from pathlib import Path
Path("argv.json").write_text(json.dumps(sys.argv[1:]))
words = sys.argv
out = Path(words[words.index("--result-filename") + 1]) if "--result-filename" in words else Path(
    next(w for w in words if w.startswith("kind=json,path=")).partition("path=")[2])
out.write_text({told!r})
"""
VLLM = {  # vllm 0.32.0
    "output_throughput": 43.98,
    "median_ttft_ms": 107.6,
    "median_itl_ms": 20.2,
    "completed": 8,
}
GUIDELLM = {  # guidellm 0.8.1
    "benchmarks": [
        {
            "metrics": {
                "output_tokens_per_second": {"successful": {"mean": 43.9, "median": 50.0}},
                "time_to_first_token_ms": {"successful": {"mean": 103.2, "median": 102.6}},
                "inter_token_latency_ms": {"successful": {"mean": 20.0, "median": 20.0}},
                "request_totals": {"successful": 8, "errored": 0},
            }
        }
    ]
}


def program(folder: Path, told: object) -> Path:
    path = folder / "tool"
    path.write_text(PROGRAM.format(python=sys.executable, told=json.dumps(told)))
    path.chmod(0o755)
    return path


def load(url: str = "http://127.0.0.1:1", **changes: object) -> Load:
    return Load(url, "mock", Path("tokenizer"), (4,), 16, 8, 2, **changes)  # type: ignore[arg-type]


def test_it_reads_vllm_bench_serve_and_asks_it_for_the_same_load(tmp_path: Path) -> None:
    (found,) = VllmServe(program(tmp_path, VLLM)).measure(load(), 3, tmp_path)
    assert found.values == {"output_tok_s": 43.98, "ttft_ms": 107.6, "itl_ms": 20.2}
    assert (found.round, found.clients, found.requests) == (3, 4, 8)
    asked = " ".join(json.loads((tmp_path / "argv.json").read_text()))
    assert "--random-input-len 16 --random-output-len 8 --seed 3" in asked
    assert "--num-prompts 8 --max-concurrency 4 --ignore-eos" in asked


def test_it_reads_guidellm_and_asks_it_for_the_same_load(tmp_path: Path) -> None:
    (found,) = GuideLlm(program(tmp_path, GUIDELLM)).measure(load(), 3, tmp_path)
    assert found.values == {"output_tok_s": 43.9, "ttft_ms": 102.6, "itl_ms": 20.0}
    asked = " ".join(json.loads((tmp_path / "argv.json").read_text()))
    assert "kind=concurrent,streams=4 --constraint kind=max_requests,count=8" in asked
    assert "prompt_tokens=16,output_tokens=8 --seed kind=static,value=3" in asked


def test_it_measures_with_rigguide_itself(tmp_path: Path) -> None:
    with mock(ttft_ms=20, itl_ms=5, slots=4) as (_, address):
        (found,) = RigGuide().measure(load(address), 1, tmp_path)
    assert (found.tool, found.clients) == ("RigGuide", 4)
    assert all(value and value > 0 for value in found.values.values())
    assert (found.requests or 0) >= 8
    assert (found.cpu_s or 0) > 0


def test_a_tool_that_fails_says_what_it_said(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('no such model')"]
    with pytest.raises(ToolFailed, match="ended with 1:\nno such model"):
        run(argv, tmp_path)


def test_it_counts_the_processor_time_of_a_tool_and_its_children(tmp_path: Path) -> None:
    work = "t = __import__('time').process_time\nwhile t() < 0.3: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    _, cpu_s = run([sys.executable, "-c", nested], tmp_path)
    assert cpu_s >= 0.3

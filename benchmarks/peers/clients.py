"""Load generators: each measures a server that already runs and says the same figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.peers.figures import Figures
from benchmarks.peers.running import run
from benchruns.host.document import ResultDocument

REQUESTS_PER_CLIENT = 6


@dataclass(frozen=True, slots=True)
class Load:
    """`tokenizer`: a folder with the tokenizer of the served model."""

    url: str
    model: str
    tokenizer: Path
    clients: tuple[int, ...]
    prompt_tokens: int
    output_tokens: int
    requests_per_client: int = REQUESTS_PER_CLIENT


class Client(Protocol):
    @property
    def name(self) -> str: ...

    def measure(self, load: Load, number: int, folder: Path) -> Sequence[Figures]:
        """One round. Raises ToolFailed."""
        ...


@dataclass(frozen=True, slots=True)
class RigGuide:
    name: str = "RigGuide"

    def measure(self, load: Load, number: int, folder: Path) -> Sequence[Figures]:
        out = folder / "rigguide.json"
        program = "from benchruns.host.cli import main; main()"
        argv = [sys.executable, "-c", program, "bench", "--target", load.url, "--model", load.model]
        argv += ["--clients", ",".join(map(str, load.clients)), "--seed", str(number)]
        argv += ["--prompt-tokens", str(load.prompt_tokens)]
        argv += ["--output-tokens", str(load.output_tokens)]
        argv += ["--requests-per-client", str(load.requests_per_client)]
        argv += ["--time-limit", "60", "--json", str(out)]
        root = str(Path(__file__).resolve().parents[2])
        _, cpu_s = run(argv, folder, {"PYTHONPATH": root})
        document = ResultDocument.model_validate_json(out.read_text())
        return [_rigguide(document, point.clients, number, cpu_s) for point in document.points]


def _rigguide(document: ResultDocument, clients: int, number: int, cpu_s: float) -> Figures:
    point = next(p for p in document.points if p.clients == clients)
    summary = point.summary
    values = {
        "output_tok_s": summary.output_tok_s,
        "ttft_ms": summary.ttft_ms.p50,
        "itl_ms": summary.itl_ms.p50,
    }
    return Figures("RigGuide", number, clients, values, summary.ok, cpu_s)


@dataclass(frozen=True, slots=True)
class VllmServe:
    """`vllm bench serve`; one process for each number of clients."""

    program: Path
    name: str = "vllm bench serve"

    def measure(self, load: Load, number: int, folder: Path) -> Sequence[Figures]:
        return [self._one(load, number, clients, folder) for clients in load.clients]

    def _one(self, load: Load, number: int, clients: int, folder: Path) -> Figures:
        name = f"vllm-{clients}.json"
        argv = [str(self.program), "bench", "serve", "--backend", "openai", "--base-url", load.url]
        argv += ["--endpoint", "/v1/completions", "--model", load.model]
        argv += ["--tokenizer", str(load.tokenizer), "--dataset-name", "random"]
        argv += ["--random-input-len", str(load.prompt_tokens)]
        argv += ["--random-output-len", str(load.output_tokens), "--seed", str(number)]
        argv += ["--num-prompts", str(load.requests_per_client * clients)]
        argv += ["--max-concurrency", str(clients), "--ignore-eos", "--disable-tqdm"]
        argv += ["--save-result", "--result-dir", str(folder), "--result-filename", name]
        _, cpu_s = run(argv, folder)
        return self._read(json.loads((folder / name).read_text()), number, clients, cpu_s)

    def _read(self, told: dict[str, Any], number: int, clients: int, cpu_s: float) -> Figures:
        values = {
            "output_tok_s": told["output_throughput"],
            "ttft_ms": told["median_ttft_ms"],
            "itl_ms": told["median_itl_ms"],
        }
        return Figures(self.name, number, clients, values, told["completed"], cpu_s)


@dataclass(frozen=True, slots=True)
class GuideLlm:
    program: Path
    name: str = "GuideLLM"

    def measure(self, load: Load, number: int, folder: Path) -> Sequence[Figures]:
        return [self._one(load, number, clients, folder) for clients in load.clients]

    def _one(self, load: Load, number: int, clients: int, folder: Path) -> Figures:
        out = folder / f"guidellm-{clients}.json"
        backend = f"kind=openai_http,target={load.url},model={load.model}"
        lengths = f"prompt_tokens={load.prompt_tokens},output_tokens={load.output_tokens}"
        argv = [str(self.program), "run", "--backend", f"{backend},request_format=/v1/completions"]
        argv += ["--profile", f"kind=concurrent,streams={clients}"]
        count = load.requests_per_client * clients
        argv += ["--constraint", f"kind=max_requests,count={count}"]
        argv += ["--tokenizer", f"kind=hf_auto,model={load.tokenizer}"]
        argv += [
            "--data",
            f"kind=synthetic_text,{lengths}",
            "--seed",
            f"kind=static,value={number}",
        ]
        argv += ["--output", f"kind=json,path={out}", "--disable-console"]
        _, cpu_s = run(argv, folder)
        told = json.loads(out.read_text())["benchmarks"][0]["metrics"]
        return self._read(told, number, clients, cpu_s)

    def _read(self, told: dict[str, Any], number: int, clients: int, cpu_s: float) -> Figures:
        good = {name: (told[name] or {}).get("successful") or {} for name in told}
        values = {
            "output_tok_s": good["output_tokens_per_second"].get("mean"),
            "ttft_ms": good["time_to_first_token_ms"].get("median"),
            "itl_ms": good["inter_token_latency_ms"].get("median"),
        }
        requests = told["request_totals"]["successful"]
        return Figures(self.name, number, clients, values, requests, cpu_s)

"""Engines this host knows of but cannot start by itself yet: it says whether they are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from benchruns.host.adapters.base import Check, Installed, Launch, RunningEngine
from benchruns.host.errors import EngineFailed

_BY_URL = (
    "Starting it from here is not built yet: start it yourself and measure it with: "
    "rigguide bench --target URL --model NAME"
)


@dataclass(frozen=True, slots=True)
class Detected:
    """`program` is looked for on PATH; `how` says how to get it."""

    id: str
    name: str
    program: str | None
    how: str
    weights: str = "none"

    def installed(self) -> Installed:
        path = shutil.which(self.program) if self.program else None
        if path is None:
            return Installed(None, detail=self.how)
        return Installed(f"{self.program} on PATH", version_of(path), detail=_BY_URL)

    def start(self, launch: Launch, check: Check) -> RunningEngine:
        del launch, check
        found = self.installed()
        if found.provider is None:
            raise EngineFailed(f"{self.name} is not installed. {self.how}.")
        raise EngineFailed(f"{self.name} is here, but cannot be started from here yet. {_BY_URL}.")


def version_of(program: str) -> str:
    """What `program --version` says first that looks like a version."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = re.search(r"\d+(\.\d+)+\S*", said.stdout + said.stderr)
    return found[0] if found else "unknown"


ENGINES = (
    Detected("ollama", "Ollama", "ollama", "Get it from https://ollama.com/download"),
    Detected("vllm", "vLLM", "vllm", "On Linux with an NVIDIA GPU: pip install vllm"),
    Detected("mlx-lm", "MLX-LM", "mlx_lm.server", "On Apple Silicon: pip install mlx-lm"),
    Detected("sglang", "SGLang", "sglang", "On Linux with an NVIDIA GPU: pip install sglang"),
    Detected(
        "tensorrt-llm",
        "TensorRT-LLM",
        "trtllm-serve",
        "NVIDIA's container: https://nvidia.github.io/TensorRT-LLM/",
    ),
    Detected(
        "tgi",
        "TGI",
        "text-generation-launcher",
        "Its container: https://github.com/huggingface/text-generation-inference (archived)",
    ),
)

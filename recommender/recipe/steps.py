"""Steps that engines share: fetching weights, asking once, loading it."""

from __future__ import annotations

import json
import shlex

from recommender.estimate import load
from recommender.recipe.plan import Plan
from recommender.recommendation import Command

UV = 'curl -LsSf https://astral.sh/uv/install.sh | sh\n. "$HOME/.local/bin/env"'
IN_WSL = "In the Ubuntu shell of WSL2, not in PowerShell."
WHERE_BENCH = (
    "rigguide comes with a checkout of RigGuide, as .venv/bin/rigguide there; it runs on any "
    "machine that reaches the server (put the server's address after --target)."
)
HEAD = "192.0.2.1"  # an address for documentation: the reader's head stands in its place
SPREAD = (
    "Install and download on each of the {nodes} machines, with the same versions and paths. "
    "Put the head's address, which the others reach, in place of 192.0.2.1. "
    "This machine computes and answers nobody."
)
SPREAD_HEAD = (
    "Run this last. Layers are split over the machines, each layer over the accelerators of one; "
    "every machine must reach 192.0.2.1, so put the head's address there, on a network that is "
    "quick and yours alone: what the machines tell one another is not encrypted."
)
CLIENTS = (1, 2, 4, 8, 16, 32)


def lines(*parts: str) -> str:
    """Commands one after the other."""
    return "\n".join(part for part in parts if part)


def argv(*words: str | int | None, per_line: str = " \\\n  ") -> str:
    """One command, an option and its value to a line. None drops out."""
    text = ""
    for word in (str(word) for word in words if word is not None):
        starts_line = word.startswith("-") and text
        text += (per_line if starts_line else " " if text else "") + shlex.quote(word)
    return text


def option(name: str, value: str | int | None) -> tuple[str | int | None, ...]:
    """The option with its value, or nothing."""
    return () if value is None else (name, value)


def wsl() -> Command:
    """vLLM and its kin know no Windows."""
    return Command(
        "install",
        "Turn on Linux in Windows",
        "wsl --install -d Ubuntu-24.04",
        "In PowerShell as administrator, once; then restart. What follows runs in its shell.",
    )


def download(plan: Plan, repository: str, pattern: str | None = None) -> Command:
    """Fetches the weights into the Hugging Face cache, where the engines look first."""
    only = f" --include {shlex.quote(pattern)}" if pattern else ""
    return Command(
        "get-model",
        f"Download {plan.model.name}, {plan.quant.id}",
        f"uvx --from huggingface_hub hf download {repository}{only}",
        _licence(plan, repository),
    )


def _licence(plan: Plan, repository: str) -> str:
    """Copies under other names ask nothing."""
    if not plan.model.gated or repository != plan.model.hf_id:
        return ""
    return (
        f"First accept the licence at https://huggingface.co/{repository}, then log in: "
        "uvx --from huggingface_hub hf auth login"
    )


def check(plan: Plan, port: int, model: str, *, powershell: bool = False) -> Command:
    """One question over the OpenAI-compatible API."""
    path, body = _request(plan, model)
    url = f"http://127.0.0.1:{port}/v1/{path}"
    shell = argv(
        "curl", "--fail", url, "-H", "Content-Type: application/json", "-d", json.dumps(body)
    )
    if powershell:
        shell = (
            f"Invoke-RestMethod -Method Post -ContentType application/json -Uri {url} "
            f"-Body '{json.dumps(body)}' | ConvertTo-Json -Depth 8"
        )
    return Command("check", "Ask it something", shell, "In a second shell, once it is up.")


def _request(plan: Plan, model: str) -> tuple[str, dict[str, object]]:
    if plan.model.embedding_only:
        return "embeddings", {"model": model, "input": "How many people does this serve?"}
    messages = [{"role": "user", "content": "Name three uses of a local language model."}]
    return "chat/completions", {"model": model, "messages": messages, "max_tokens": 64}


def load_test(plan: Plan, port: int, model: str) -> Command:
    """Measures what was only estimated."""
    clients = sorted({n for n in CLIENTS if n <= max(plan.users, 4)} | {plan.users})
    shell = argv(
        *("rigguide", "bench", "--target", f"http://127.0.0.1:{port}", "--model", model),
        *("--clients", ",".join(str(n) for n in clients)),
        *("--prompt-tokens", int(load.TALK.prompt), "--output-tokens", int(load.TALK.output)),
        *("--json", "rigguide-bench.json"),
        per_line=" " if plan.windows else " \\\n  ",
    )
    return Command("load-test", "Measure it under your load", shell, WHERE_BENCH)

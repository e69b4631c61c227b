"""Steps that engines share: fetching weights, asking once, loading it."""

from __future__ import annotations

import json
import re
import shlex

from recommender.estimate import load
from recommender.recipe.plan import Plan
from recommender.recipe.server import Word, asks_for_licence, own_path
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
OWN = (
    "Nobody publishes these weights in the form this engine loads, as far as is known here. "
    "Put your own at this path, or put your path in its place here and below."
)
POWERSHELL = frozenset({"ollama", "llama.cpp"})  # the others run in the Linux of Windows
CLIENTS = (1, 2, 4, 8, 16, 32)


def lines(*parts: str) -> str:
    """Commands one after the other."""
    return "\n".join(part for part in parts if part)


def argv(*words: Word, per_line: str = " \\\n  ", powershell: bool = False) -> str:
    """One command, an option and its value to a line. None drops out."""
    text, quote = "", in_powershell if powershell else quoted
    for word in (str(word) for word in words if word is not None):
        starts_line = word.startswith("-") and text
        text += (per_line if starts_line else " " if text else "") + quote(word)
    return text


def in_powershell(word: str) -> str:
    """A bare comma would make a list of the word, and each part an argument of its own."""
    plain = re.fullmatch(r"[\w./\\:=~-]+", word)
    return word if plain else "'" + word.replace("'", "''") + "'"


def quoted(word: str) -> str:
    """For a shell; a path in the home folder keeps its tilde."""
    return f"~/{shlex.quote(word[2:])}" if word.startswith("~/") else shlex.quote(word)


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
    if plan.own_weights:
        return own_weights(plan)
    only = f" --include {shlex.quote(pattern)}" if pattern else ""
    return Command(
        "get-model",
        f"Download {plan.model.name}, {plan.quant.id}",
        f"uvx --from huggingface_hub hf download {repository}{only}",
        _licence(plan, repository),
    )


def own_weights(plan: Plan) -> Command:
    """A look at the reader's own file or folder."""
    path = own_path(plan)
    shell = f"Get-Item {path}" if plan.windows else f"ls -lh {path}"
    title = f"Put your {plan.model.name} in {plan.quant.id} in place"
    return Command("get-model", title, shell, OWN)


def _licence(plan: Plan, repository: str) -> str:
    if not asks_for_licence(plan):
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


def clients(plan: Plan) -> list[int]:
    """How many at once are measured, up to those of the plan."""
    return sorted({n for n in CLIENTS if n <= max(plan.users, 4)} | {plan.users})


def load_test(plan: Plan, port: int, model: str) -> Command:
    """Measures what was only estimated."""
    shell = argv(
        *("rigguide", "bench", "--target", f"http://127.0.0.1:{port}", "--model", model),
        *("--clients", ",".join(str(n) for n in clients(plan))),
        *("--prompt-tokens", int(load.TALK.prompt), "--output-tokens", int(load.TALK.output)),
        *("--json", "rigguide-bench.json"),
        per_line=" " if plan.windows else " \\\n  ",
        powershell=plan.windows and plan.engine in POWERSHELL,
    )
    return Command("load-test", "Measure it under your load", shell, WHERE_BENCH)


def own_tool(shell: str, note: str = "") -> Command:
    """The engine's own way to load it, as a second opinion."""
    return Command("cross-check", "Measure it with the engine's own tool", shell, note)

"""Ollama: a background service that is configured by environment variables."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recommendation import Command

PORT = 11434
DROP_IN = "/etc/systemd/system/ollama.service.d"
EXPOSE = (
    "Listens on 127.0.0.1 only. It has no keys: to share it, "
    "put a proxy with TLS and a login before it."
)


def commands(plan: Plan) -> tuple[Command, ...]:
    tag = model_tag(plan)
    return (
        Command("install", "Install Ollama", INSTALL[plan.os]),
        Command("get-model", f"Pull {plan.model.name}, {plan.quant.id}", f"ollama pull {tag}"),
        Command("serve", _title(plan), _serve(plan), EXPOSE),
        steps.check(plan, PORT, tag, powershell=plan.windows),
        steps.load_test(plan, PORT, tag),
    )


def model_tag(plan: Plan) -> str:
    """From Ollama's library where it has that quantisation, else straight from Hugging Face."""
    places = plan.model.repositories
    tag = places.ollama_tags.get(plan.quant.id)
    if places.ollama is not None and tag is not None:
        return f"{places.ollama}:{tag}"
    return f"hf.co/{places.gguf}:{plan.quant.id}"


INSTALL = {
    "linux": "curl -fsSL https://ollama.com/install.sh | sh",
    "macos": "brew install ollama\nbrew services start ollama",
    "windows": "winget install --exact --id Ollama.Ollama",
}


def _settings(plan: Plan) -> dict[str, int]:
    settings = {"OLLAMA_CONTEXT_LENGTH": plan.context}
    if plan.slots is not None and plan.slots > 1:
        settings["OLLAMA_NUM_PARALLEL"] = plan.slots
    return settings


def _title(plan: Plan) -> str:
    slots = plan.slots or 1
    people = "one request at a time" if slots == 1 else f"{slots} requests at once"
    return f"Let it serve {people}, {plan.context:,} tokens each"


def _serve(plan: Plan) -> str:
    return {"linux": _linux, "macos": _macos, "windows": _windows}[plan.os](_settings(plan))


def _linux(settings: dict[str, int]) -> str:
    body = "".join(f'Environment="{name}={value}"\\n' for name, value in settings.items())
    return steps.lines(
        f"sudo mkdir -p {DROP_IN}",
        f"printf '[Service]\\n{body}' | sudo tee {DROP_IN}/rigguide.conf",
        "sudo systemctl daemon-reload",
        "sudo systemctl restart ollama",
    )


def _macos(settings: dict[str, int]) -> str:
    set_them = (f"launchctl setenv {name} {value}" for name, value in settings.items())
    return steps.lines(*set_them, "brew services restart ollama")


def _windows(settings: dict[str, int]) -> str:
    set_them = (f'$env:{name} = "{value}"' for name, value in settings.items())
    stop = 'Get-Process "ollama*" -ErrorAction SilentlyContinue | Stop-Process'
    return steps.lines(stop, *set_them, "ollama serve")

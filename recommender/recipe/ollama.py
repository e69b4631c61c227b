"""Ollama: a background service that is configured by environment variables."""

from __future__ import annotations

from recommender.recipe import steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import version
from recommender.recipe.server import LOOPBACK, Place, Server, own_path
from recommender.recommendation import Command

PORT = 11434
DROP_IN = "/etc/systemd/system/ollama.service.d"
EXPOSE = (
    "Listens on 127.0.0.1 only. It has no keys: to share it, "
    "put a proxy with TLS and a login before it."
)
INSTALL = {
    "linux": "curl -fsSL https://ollama.com/install.sh | OLLAMA_VERSION={version} sh",
    "macos": "brew install ollama\nbrew services start ollama",
    "windows": "winget install --exact --id Ollama.Ollama",
}
UPGRADE = {
    "linux": "curl -fsSL https://ollama.com/install.sh | sh",
    "macos": "brew upgrade ollama\nbrew services restart ollama",
    "windows": "winget upgrade --exact --id Ollama.Ollama",
}
KEEPS_NO_METRICS = (
    "It keeps no metrics: this shows what is loaded, on which processor and until when. A proxy "
    "before it can count requests."
)
TOOL = "One request alone: tokens/s of the prompt and of the answer."


def commands(plan: Plan) -> tuple[Command, ...]:
    tag = model_tag(plan)
    return (
        Command("install", "Install Ollama", install(plan)),
        _get_model(plan, tag),
        Command("serve", _title(plan), _serve(plan), EXPOSE),
        steps.check(plan, PORT, tag, powershell=plan.windows),
        steps.load_test(plan, PORT, tag),
        steps.own_tool(f'ollama run {tag} --verbose "Name three uses of a local model."', TOOL),
        watch.seen(plan, "ollama ps", KEEPS_NO_METRICS),
        watch.renewed(UPGRADE[plan.os]),
    )


def server(plan: Plan, place: Place) -> Server:
    """Everything is said by environment variables."""
    address = {} if place.host == LOOPBACK else {"OLLAMA_HOST": f"{place.host}:{PORT}"}
    binary = ("/usr/local/bin/ollama" if plan.os == "linux" else "ollama", "serve")
    return Server(binary, (), PORT, {**address, **_settings(plan)}, health="/")


def install(plan: Plan) -> str:
    return INSTALL[plan.os].format(version=version("ollama"))


def model_tag(plan: Plan) -> str:
    """From Ollama's library where it has that quantisation, else straight from Hugging Face; a
    name of its own for the reader's weights."""
    if plan.own_weights:
        return plan.name.lower()
    places = plan.model.repositories
    tag = places.ollama_tags.get(plan.quant.id)
    if places.ollama is not None and tag is not None:
        return f"{places.ollama}:{tag}"
    return f"hf.co/{places.gguf}:{plan.quant.id}"


def _get_model(plan: Plan, tag: str) -> Command:
    title = f"Pull {plan.model.name}, {plan.quant.id}"
    if not plan.own_weights:
        return Command("get-model", title, f"ollama pull {tag}")
    path = own_path(plan)
    make = f'"FROM {path}" | Set-Content Modelfile' if plan.windows else _modelfile(path)
    title = f"Give your {plan.model.name} in {plan.quant.id} to Ollama"
    note = f"{steps.OWN} Ollama's own user must be able to read it."
    return Command("get-model", title, f"{make}\nollama create {tag} -f Modelfile", note)


def get_model(plan: Plan) -> str:
    """For a script, once the server runs."""
    return _get_model(plan, model_tag(plan)).shell


def _modelfile(path: str) -> str:
    return f"printf 'FROM {path}\\n' > Modelfile"


def _settings(plan: Plan) -> dict[str, str]:
    """What every slot holds. One slot is how it is shipped."""
    settings = {
        "OLLAMA_CONTEXT_LENGTH": str(plan.context),
        "OLLAMA_KV_CACHE_TYPE": plan.kv_type,
    }
    if plan.slots is not None and plan.slots > 1:
        settings["OLLAMA_NUM_PARALLEL"] = str(plan.slots)
    return settings


def _title(plan: Plan) -> str:
    slots = plan.slots or 1
    people = "one request at a time" if slots == 1 else f"{slots} requests at once"
    return f"Let it serve {people}, {plan.context:,} tokens each"


def _serve(plan: Plan) -> str:
    return {"linux": _linux, "macos": _macos, "windows": _windows}[plan.os](_settings(plan))


def _linux(settings: dict[str, str]) -> str:
    body = "".join(f'Environment="{name}={value}"\\n' for name, value in settings.items())
    return steps.lines(
        f"sudo mkdir -p {DROP_IN}",
        f"printf '[Service]\\n{body}' | sudo tee {DROP_IN}/rigguide.conf",
        "sudo systemctl daemon-reload",
        "sudo systemctl restart ollama",
    )


def _macos(settings: dict[str, str]) -> str:
    set_them = (f"launchctl setenv {name} {value}" for name, value in settings.items())
    return steps.lines(*set_them, "brew services restart ollama")


def _windows(settings: dict[str, str]) -> str:
    set_them = (f'$env:{name} = "{value}"' for name, value in settings.items())
    stop = 'Get-Process "ollama*" -ErrorAction SilentlyContinue | Stop-Process'
    return steps.lines(stop, *set_them, "ollama serve")

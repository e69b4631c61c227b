"""The first steps of the recipe as one script: install, and where it can, fetch the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recommender.recipe import llama_cpp, ollama, sglang, vllm
from recommender.recipe.documents import commented
from recommender.recipe.plan import Plan
from recommender.recipe.releases import version
from recommender.recipe.server import Place, Server, asks_for_licence, engine_name
from recommender.recommendation import Form, RecipeFile

TITLE = "Script"
PLAIN = "text/plain; charset=utf-8"
NOTE = "Read it before you run it. PREFIX says where it installs; a service wants /opt/rigguide."
NOTE_WINDOWS = "Read it before you run it, in PowerShell."
STRICT = "set -eu"
UV = """\
command -v uv >/dev/null || {
    curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR="$PREFIX/bin" sh
    PATH="$PREFIX/bin:$PATH"
}"""
PREFIX = """\
PREFIX="${PREFIX:-$HOME/rigguide}"
mkdir -p "$PREFIX"
cd "$PREFIX\""""
NEEDS_DOCKER = """\
command -v docker >/dev/null || {
    echo "Docker is missing: https://docs.docker.com/engine/install/" >&2
    exit 1
}"""
PYTHON = """\
export UV_PYTHON_INSTALL_DIR="$PREFIX/python"  # where a service may read it
uv venv --python 3.12 --seed --allow-existing "$PREFIX/{name}"
. "$PREFIX/{name}/bin/activate"
{install}"""
PULL = """\
[ "${{PULL:-yes}}" = no ] || {{  # a service that keeps weights of its own fetches them itself
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ollama list >/dev/null 2>&1 && break
        sleep 1
    done
    {get_model}
}}"""
SCHEDULED = """\
# Starts it whenever you log in; Unregister-ScheduledTask -TaskName RigGuide takes that back.
$action = New-ScheduledTaskAction -Execute '{program}' -Argument '{arguments}'
$trigger = New-ScheduledTaskTrigger -AtLogOn
Register-ScheduledTask -TaskName RigGuide -Action $action -Trigger $trigger -Force"""


def form(plan: Plan, server: Callable[[Plan, Place], Server]) -> Form:
    """A shell script; on Windows one for PowerShell."""
    head, ready = tuple(_header(plan)), server(plan, Place())
    if plan.windows:
        text = commented(head) + "\n".join(_powershell(plan, ready)) + "\n"
        file = RecipeFile("install.ps1", PLAIN, text)
        return Form("script", TITLE, file, note=NOTE_WINDOWS)
    text = "#!/bin/sh\n" + commented(head) + "\n".join(_shell(plan, ready)) + "\n"
    return Form("script", TITLE, RecipeFile("install.sh", PLAIN, text), note=NOTE)


def _header(plan: Plan) -> Iterator[str]:
    yield f"Installs {engine_name(plan)} for {plan.model.name}, {plan.quant.id}: made by RigGuide."
    if plan.nodes > 1:
        yield f"Run it on each of the {plan.nodes} machines."
    yield "The server itself is started by the service, or by hand with the recipe's command."
    if plan.engine != "ollama" and not plan.own_weights and not plan.from_source:
        yield "The weights are fetched when the server starts for the first time."
    if asks_for_licence(plan):
        yield f"First accept the licence at https://huggingface.co/{plan.model.hf_id}."


def _shell(plan: Plan, server: Server) -> Iterator[str]:
    yield from (STRICT, PREFIX, "")
    if plan.engine == "ollama":
        yield from (ollama.install(plan), _pull(plan))
    elif server.image is not None:
        yield from (NEEDS_DOCKER, f"docker pull {server.image.name}")
    elif plan.engine == "llama.cpp":
        yield _llama_cpp(plan)
    else:
        yield from (UV, PYTHON.format(name=plan.engine, install=_packages(plan)))
    yield 'echo "Installed."'


def _pull(plan: Plan) -> str:
    return PULL.format(get_model=ollama.get_model(plan).replace("\n", "\n    "))


def _llama_cpp(plan: Plan) -> str:
    if plan.os == "macos" and not plan.from_source:
        return "brew install llama.cpp"
    built = llama_cpp.build(plan).replace(f"{llama_cpp.AUDITED_UV}\n", "")
    return built.replace("git clone", "[ -d llama.cpp ] || git clone")


def _packages(plan: Plan) -> str:
    if plan.engine == "vllm":
        return vllm.pip(plan, vllm.pinned())
    if plan.engine == "sglang":
        return sglang.pip(sglang.pinned())
    processor = "" if plan.os == "macos" else ' "mlx[cpu]"'
    return f"uv pip install mlx-lm=={version('mlx-lm')}{processor}"


def _powershell(plan: Plan, server: Server) -> Iterator[str]:
    yield "$ErrorActionPreference = 'Stop'"
    if plan.engine == "ollama":
        yield ollama.install(plan)
        for name, value in server.env.items():
            yield f"[Environment]::SetEnvironmentVariable('{name}', '{value}', 'User')"
        yield ollama.get_model(plan)
        yield "# Ollama starts at log-in by itself: end it in the tray, and start it again."
        return
    yield "winget install llama.cpp"
    yield SCHEDULED.format(program=server.binary[0], arguments=" ".join(server.arguments))

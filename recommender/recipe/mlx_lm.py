"""MLX-LM: a small server for Apple's GPUs."""

from __future__ import annotations

from recommender.estimate import load
from recommender.recipe import steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import version
from recommender.recipe.safetensors import repository
from recommender.recipe.server import LOOPBACK, Place, Server, words
from recommender.recommendation import Command
from recommender.wording import counted

PORT = 8080
EXPOSE = (
    "Listens on 127.0.0.1 only; it checks no keys and calls itself not made for production. "
    "Requests with a seed are not batched."
)


def commands(plan: Plan) -> tuple[Command, ...]:
    model = repository(plan)
    return (
        Command("install", "Install MLX-LM", _install(plan)),
        steps.download(plan, model),
        Command("serve", _title(plan), _serve(plan), EXPOSE),
        steps.check(plan, PORT, model),
        steps.load_test(plan, PORT, model),
        steps.own_tool(_tool(plan), "Without a server; stop yours first: both want the memory."),
        *watch.steps(plan, PORT, f"uv tool install --upgrade {_package(plan, '')}"),
    )


def server(plan: Plan, place: Place) -> Server:
    """The cache grows as conversations do: there is no context to set."""
    options = words(
        *("--model", repository(plan), "--host", place.host, "--port", PORT),
        *steps.option("--decode-concurrency", plan.slots),
    )
    folder = "" if place.prefix == "~" else f"{place.prefix}/mlx-lm/bin/"
    return Server((f"{folder}mlx_lm.server",), options, PORT)


def _install(plan: Plan) -> str:
    uv = "brew install uv" if plan.os == "macos" else steps.UV
    pinned = _package(plan, f"=={version('mlx-lm')}")
    return steps.lines(uv, f"uv tool install {pinned}")


def _package(plan: Plan, which: str) -> str:
    processor = "" if plan.os == "macos" else ' --with "mlx[cpu]"'
    return f"mlx-lm{which}{processor}"


def _title(plan: Plan) -> str:
    return "Serve" if plan.slots is None else f"Serve {counted(plan.slots, 'request')} at once"


def _serve(plan: Plan) -> str:
    ready = server(plan, Place(host=LOOPBACK))
    return steps.argv(*ready.binary, *ready.arguments)


def _tool(plan: Plan) -> str:
    return steps.argv(
        *("mlx_lm.benchmark", "--model", repository(plan)),
        *("--prompt-tokens", int(load.TALK.prompt), "--generation-tokens", int(load.TALK.output)),
        *("--batch-size", min(plan.users, plan.slots or 1)),
    )

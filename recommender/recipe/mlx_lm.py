"""MLX-LM: a small server for Apple's GPUs."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
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
    )


def repository(plan: Plan) -> str:
    return plan.model.repositories.mlx.get(plan.quant.id, plan.model.hf_id)


def _install(plan: Plan) -> str:
    if plan.os == "macos":
        return "brew install uv\nuv tool install mlx-lm"
    return steps.lines(steps.UV, 'uv tool install mlx-lm --with "mlx[cpu]"')


def _title(plan: Plan) -> str:
    return "Serve" if plan.slots is None else f"Serve {counted(plan.slots, 'request')} at once"


def _serve(plan: Plan) -> str:
    return steps.argv(
        *("mlx_lm.server", "--model", repository(plan), "--host", "127.0.0.1", "--port", PORT),
        *steps.option("--decode-concurrency", plan.slots),
    )

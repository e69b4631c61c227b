"""SGLang: a Python environment of its own, on Linux (or WSL2)."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recommendation import Command

PORT = 30000
EXPOSE = "Listens on 127.0.0.1 only. To share it, add --api-key and put a proxy with TLS before it."
MEMORY_SHARE = 0.88
ACTIVATE = ". ~/sglang/bin/activate"


def commands(plan: Plan) -> tuple[Command, ...]:
    where = steps.IN_WSL if plan.windows else ""
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Install SGLang", INSTALL, where),
        steps.download(plan, repository(plan)),
        Command("serve", f"Serve up to {plan.context:,} tokens each", _serve(plan), EXPOSE),
        steps.check(plan, PORT, plan.name),
        steps.load_test(plan, PORT, plan.name),
    )


INSTALL = steps.lines(
    steps.UV,
    "uv venv --python 3.12 --seed ~/sglang",
    ACTIVATE,
    "uv pip install sglang --prerelease=allow",
)


def _serve(plan: Plan) -> str:
    flags = steps.argv(
        *("--model-path", repository(plan), "--served-model-name", plan.name),
        *("--host", "127.0.0.1", "--port", PORT, "--context-length", plan.context),
        *steps.option("--max-running-requests", plan.slots),
        *("--mem-fraction-static", str(MEMORY_SHARE)),
        *steps.option("--tp", plan.parallel if plan.parallel > 1 else None),
        *quantise_flag(plan, "--quantization"),
        "--is-embedding" if plan.model.embedding_only else None,
        "--enable-metrics" if plan.metrics else None,
    )
    return steps.lines(ACTIVATE, f"python3 -m sglang.launch_server \\\n  {flags}")

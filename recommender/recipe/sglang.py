"""SGLang: a Python environment of its own, on Linux (or WSL2)."""

from __future__ import annotations

from collections.abc import Iterator

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
        *_servers(plan),
        steps.check(plan, PORT, plan.name),
        steps.load_test(plan, PORT, plan.name),
    )


INSTALL = steps.lines(
    steps.UV,
    "uv venv --python 3.12 --seed ~/sglang",
    ACTIVATE,
    "uv pip install sglang --prerelease=allow",
)


def _servers(plan: Plan) -> Iterator[Command]:
    """One on each machine, the head last; only the head answers clients."""
    title = f"Serve up to {plan.context:,} tokens each"
    if plan.nodes == 1:
        yield Command("serve", title, _serve(plan), EXPOSE)
        return
    for rank in range(1, plan.nodes):
        share = f"On machine {rank + 1} of {plan.nodes}: start its share"
        yield Command("serve", share, _serve(plan, rank), steps.SPREAD.format(nodes=plan.nodes))
    head = f"On machine 1 of {plan.nodes}, the head: {title.lower()}"
    yield Command("serve", head, _serve(plan, 0), f"{steps.SPREAD_HEAD} {EXPOSE}")


def _spread(plan: Plan, rank: int) -> tuple[str | int, ...]:
    """Layers over the machines, each matrix over the devices of one."""
    if plan.nodes == 1:
        return ()
    return (
        *("--pp-size", plan.nodes, "--nnodes", plan.nodes, "--node-rank", rank),
        *("--dist-init-addr", f"{steps.HEAD}:20000"),
    )


def _serve(plan: Plan, rank: int = 0) -> str:
    flags = steps.argv(
        *("--model-path", repository(plan), "--served-model-name", plan.name),
        *("--host", "127.0.0.1", "--port", PORT, "--context-length", plan.context),
        *steps.option("--max-running-requests", plan.slots),
        *("--mem-fraction-static", str(MEMORY_SHARE)),
        *steps.option("--tp", plan.parallel if plan.parallel > 1 else None),
        *quantise_flag(plan, "--quantization"),
        "--is-embedding" if plan.model.embedding_only else None,
        "--enable-metrics" if plan.metrics else None,
        *_spread(plan, rank),
    )
    return steps.lines(ACTIVATE, f"python3 -m sglang.launch_server \\\n  {flags}")

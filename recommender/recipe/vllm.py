"""vLLM: a Python environment of its own, on Linux (or WSL2)."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recommendation import Command
from recommender.wording import counted

PORT = 8000
EXPOSE = "Listens on 127.0.0.1 only. To share it, add --api-key and put a proxy with TLS before it."
MEMORY_SHARE = 0.9
ACTIVATE = ". ~/vllm/bin/activate"
CPU_IMAGES = {
    "x86_64": "vllm/vllm-openai-cpu:latest-x86_64",
    "arm64": "vllm/vllm-openai-cpu:latest-arm64",
}


def commands(plan: Plan) -> tuple[Command, ...]:
    where = steps.IN_WSL if plan.windows else ""
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Install vLLM", _install(plan), where),
        steps.download(plan, repository(plan)),
        *_servers(plan),
        steps.check(plan, PORT, plan.name),
        steps.load_test(plan, PORT, plan.name),
    )


def _install(plan: Plan) -> str:
    if plan.hardware == "cpu":
        return steps.lines(steps.UV, f"docker pull {_cpu_image(plan)}")
    index = " --torch-backend=auto"
    if plan.hardware == "amd":
        index = " --extra-index-url https://wheels.vllm.ai/rocm/"
    return steps.lines(
        steps.UV,
        "uv venv --python 3.12 --seed ~/vllm",
        ACTIVATE,
        f"uv pip install vllm{index}",
    )


def _title(plan: Plan) -> str:
    people = (
        "as many requests as fit"
        if plan.slots is None
        else f"{counted(plan.slots, 'request')} at once"
    )
    return f"Serve {people}, up to {plan.context:,} tokens each"


def _servers(plan: Plan) -> Iterator[Command]:
    """One on each machine, the head first; only the head answers clients."""
    if plan.nodes == 1:
        yield Command("serve", _title(plan), _serve(plan), EXPOSE)
        return
    for rank in range(1, plan.nodes):
        title = f"On machine {rank + 1} of {plan.nodes}: start its share"
        yield Command("serve", title, _serve(plan, rank), steps.SPREAD.format(nodes=plan.nodes))
    head = f"On machine 1 of {plan.nodes}, the head: {_title(plan).lower()}"
    yield Command("serve", head, _serve(plan, 0), f"{steps.SPREAD_HEAD} {EXPOSE}")


def _spread(plan: Plan, rank: int) -> tuple[str | int | None, ...]:
    """Layers over the machines, each matrix over the devices of one."""
    if plan.nodes == 1:
        return ()
    return (
        *("--pipeline-parallel-size", plan.nodes, "--nnodes", plan.nodes, "--node-rank", rank),
        *("--master-addr", steps.HEAD, "--headless" if rank else None),
    )


def _serve(plan: Plan, rank: int = 0) -> str:
    if plan.hardware == "cpu":
        return _serve_on_cpu(plan)
    share = ("--gpu-memory-utilization", str(MEMORY_SHARE))
    flags = (*_flags(plan, "127.0.0.1"), *_spread(plan, rank))
    return steps.lines(ACTIVATE, steps.argv("vllm", "serve", repository(plan), *flags, *share))


def _serve_on_cpu(plan: Plan) -> str:
    run = (
        f"docker run --rm --shm-size 4g -p 127.0.0.1:{PORT}:{PORT} -e VLLM_CPU_KVCACHE_SPACE=4 \\\n"
        '  -v "$HOME/.cache/huggingface:/root/.cache/huggingface" \\\n'
        f"  {_cpu_image(plan)} \\\n  "
    )
    return run + steps.argv("--model", repository(plan), *_flags(plan, "0.0.0.0"))  # noqa: S104 - inside the container


def _cpu_image(plan: Plan) -> str:
    return CPU_IMAGES.get(plan.arch, CPU_IMAGES["x86_64"])


def _flags(plan: Plan, host: str) -> tuple[str | int | None, ...]:
    return (
        *("--served-model-name", plan.name, "--host", host, "--port", PORT),
        *("--max-model-len", plan.context),
        *steps.option("--max-num-seqs", plan.slots),
        *steps.option("--tensor-parallel-size", plan.parallel if plan.parallel > 1 else None),
        *quantise_flag(plan, "--quantization"),
        *(("--runner", "pooling") if plan.model.embedding_only else ()),
    )

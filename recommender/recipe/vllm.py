"""vLLM: a Python environment of its own, on Linux (or WSL2)."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.estimate import load
from recommender.recipe import container, steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, version
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recipe.server import ANYWHERE, Place, Server, Word, published, words
from recommender.recommendation import Command
from recommender.wording import counted

PORT = 8000
EXPOSE = (
    "Listens on 127.0.0.1 only. To share it, set VLLM_API_KEY and put a proxy with TLS before it."
)
ACTIVATE = ". ~/vllm/bin/activate"
CPU_CACHE_GIB = 4


def commands(plan: Plan) -> tuple[Command, ...]:
    image = _container(plan)
    where = steps.IN_WSL if plan.windows else container.needs(plan, image) if image else ""
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Install vLLM", _install(plan), where),
        steps.download(plan, repository(plan)),
        *_servers(plan),
        steps.check(plan, PORT, plan.name),
        steps.load_test(plan, PORT, plan.name),
        steps.own_tool(_tool(plan)),
        *watch.steps(plan, PORT, _upgrade(plan)),
    )


def server(plan: Plan, place: Place) -> Server:
    """The model stands first, then its options."""
    on_cpu = plan.hardware == "cpu"
    arguments = words(repository(plan), *_flags(plan, place.host), *_spread(plan, place))
    env = {"VLLM_CPU_KVCACHE_SPACE": str(CPU_CACHE_GIB)} if on_cpu else {}
    shared = 4 if on_cpu else 8
    binary = (f"{place.prefix}/vllm/bin/vllm", "serve")
    return Server(binary, arguments, PORT, env, shared_memory_gib=shared, image=_container(plan))


def _container(plan: Plan) -> Image | None:
    """Where the wheel does not run, or runs slowly."""
    return published(plan) if plan.hardware == "cpu" or plan.jetson else None


def _install(plan: Plan) -> str:
    image = _container(plan)
    if image is not None:
        return steps.lines(steps.UV, f"docker pull {image.name}")
    return steps.lines(
        steps.UV, "uv venv --python 3.12 --seed ~/vllm", ACTIVATE, pip(plan, pinned())
    )


def pinned() -> str:
    return f"vllm=={version('vllm')}"


def pip(plan: Plan, package: str) -> str:
    """Into the active environment."""
    index = " --torch-backend=auto"
    if plan.hardware == "amd":
        index = " --extra-index-url https://wheels.vllm.ai/rocm/"
    return f"uv pip install {package}{index}"


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
        yield Command("serve", _title(plan), _serve(plan, Place()), EXPOSE)
        return
    for rank in range(1, plan.nodes):
        title = f"On machine {rank + 1} of {plan.nodes}: start its share"
        there = _serve(plan, Place(rank=str(rank)))
        yield Command("serve", title, there, steps.SPREAD.format(nodes=plan.nodes))
    head = f"On machine 1 of {plan.nodes}, the head: {_title(plan).lower()}"
    yield Command("serve", head, _serve(plan, Place()), f"{steps.SPREAD_HEAD} {EXPOSE}")


def _spread(plan: Plan, place: Place) -> tuple[Word, ...]:
    """Layers over the machines, each matrix over the devices of one."""
    if plan.nodes == 1:
        return ()
    return (
        *("--pipeline-parallel-size", plan.nodes, "--nnodes", plan.nodes),
        *("--node-rank", place.rank, "--master-addr", place.head),
        None if place.is_head else "--headless",
    )


def _serve(plan: Plan, place: Place) -> str:
    image = _container(plan)
    if image is not None:
        return container.run(plan, server(plan, Place(host=ANYWHERE)), image)
    ready = server(plan, place)
    return steps.lines(ACTIVATE, steps.argv("vllm", "serve", *ready.arguments))


def _flags(plan: Plan, host: str) -> tuple[Word, ...]:
    share = None if plan.hardware == "cpu" else str(plan.memory_share)
    return (
        *("--served-model-name", plan.name, "--host", host, "--port", PORT),
        *("--max-model-len", plan.context),
        *steps.option("--max-num-seqs", plan.slots),
        *("--kv-cache-dtype", "auto" if plan.kv_type == "f16" else plan.kv_type),
        *steps.option("--gpu-memory-utilization", share),
        *steps.option("--tensor-parallel-size", plan.parallel if plan.parallel > 1 else None),
        "--enable-expert-parallel" if plan.whole_experts else None,
        *quantise_flag(plan, "--quantization"),
        *(("--runner", "pooling") if plan.model.embedding_only else ()),
    )


def _tool(plan: Plan) -> str:
    at_once = max(plan.users, 1)
    bench = steps.argv(
        *("vllm", "bench", "serve", "--backend", "vllm", "--base-url", f"http://127.0.0.1:{PORT}"),
        *("--model", repository(plan), "--served-model-name", plan.name),
        *("--dataset-name", "random", "--random-input-len", int(load.TALK.prompt)),
        *("--random-output-len", int(load.TALK.output), "--num-prompts", 8 * at_once),
        *("--max-concurrency", at_once, "--ignore-eos"),
    )
    if _container(plan):
        return f"docker exec {container.named(plan)} {bench}"
    return steps.lines(ACTIVATE, bench)


def _upgrade(plan: Plan) -> str:
    image = _container(plan)
    if image is None:
        return steps.lines(ACTIVATE, pip(plan, "--upgrade vllm"))
    newest = image.name if image.moves else f"{image.name.split(':')[0]}:{_moving(plan)}"
    return f"docker pull {newest}"


def _moving(plan: Plan) -> str:
    """The tag that always is the newest."""
    return f"latest-{plan.arch}" if plan.hardware == "cpu" else "latest"

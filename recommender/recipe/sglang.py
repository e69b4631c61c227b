"""SGLang: a Python environment of its own, on Linux (or WSL2)."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.estimate import load
from recommender.recipe import container, steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, version
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recipe.server import ANYWHERE, Place, Server, Word, published, words
from recommender.recommendation import Command

PORT = 30000
MEET = 20000  # where several machines find one another
EXPOSE = "Listens on 127.0.0.1 only. To share it, add --api-key and put a proxy with TLS before it."
ACTIVATE = ". ~/sglang/bin/activate"


def commands(plan: Plan) -> tuple[Command, ...]:
    image = _container(plan)
    where = steps.IN_WSL if plan.windows else container.needs(plan, image) if image else ""
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Install SGLang", _install(plan), where),
        steps.download(plan, repository(plan)),
        *_servers(plan),
        steps.check(plan, PORT, plan.name),
        steps.load_test(plan, PORT, plan.name),
        steps.own_tool(_tool(plan)),
        *watch.steps(plan, PORT, _upgrade(plan)),
    )


def server(plan: Plan, place: Place) -> Server:
    """A module of Python, started by its interpreter."""
    arguments = words(*_flags(plan, place.host), *_spread(plan, place))
    binary = (f"{place.prefix}/sglang/bin/python3", "-m", "sglang.launch_server")
    return Server(binary, arguments, PORT, shared_memory_gib=8, image=_container(plan))


def _container(plan: Plan) -> Image | None:
    """The wheel is made for CUDA on servers; the others get an image."""
    return published(plan) if plan.jetson or plan.hardware == "amd" else None


def _install(plan: Plan) -> str:
    image = _container(plan)
    if image is not None:
        return steps.lines(steps.UV, f"docker pull {image.name}")
    make = "uv venv --python 3.12 --seed ~/sglang"
    return steps.lines(steps.UV, make, ACTIVATE, pip(pinned()))


def pinned() -> str:
    return f"sglang=={version('sglang')}"


def pip(package: str) -> str:
    """Into the active environment."""
    return f"uv pip install {package} --prerelease=allow"


def _servers(plan: Plan) -> Iterator[Command]:
    """One on each machine, the head last; only the head answers clients."""
    title = f"Serve up to {plan.context:,} tokens each"
    if plan.nodes == 1:
        yield Command("serve", title, _serve(plan, Place()), EXPOSE)
        return
    for rank in range(1, plan.nodes):
        share = f"On machine {rank + 1} of {plan.nodes}: start its share"
        there = _serve(plan, Place(rank=str(rank)))
        yield Command("serve", share, there, steps.SPREAD.format(nodes=plan.nodes))
    head = f"On machine 1 of {plan.nodes}, the head: {title.lower()}"
    yield Command("serve", head, _serve(plan, Place()), f"{steps.SPREAD_HEAD} {EXPOSE}")


def _spread(plan: Plan, place: Place) -> tuple[Word, ...]:
    """Layers over the machines, each matrix over the devices of one."""
    if plan.nodes == 1:
        return ()
    return (
        *("--pp-size", plan.nodes, "--nnodes", plan.nodes, "--node-rank", place.rank),
        *("--dist-init-addr", f"{place.head}:{MEET}"),
    )


def _serve(plan: Plan, place: Place) -> str:
    image = _container(plan)
    if image is not None:
        return container.run(plan, server(plan, Place(host=ANYWHERE)), image)
    flags = steps.argv(*server(plan, place).arguments)
    return steps.lines(ACTIVATE, f"python3 -m sglang.launch_server \\\n  {flags}")


def _flags(plan: Plan, host: str) -> tuple[Word, ...]:
    return (
        *("--model-path", repository(plan), "--served-model-name", plan.name),
        *("--host", host, "--port", PORT, "--context-length", plan.context),
        *steps.option("--max-running-requests", plan.slots),
        *("--kv-cache-dtype", "auto" if plan.kv_type == "f16" else plan.kv_type),
        *("--mem-fraction-static", str(plan.memory_share)),
        *steps.option("--tp-size", plan.parallel if plan.parallel > 1 else None),
        *steps.option("--ep-size", plan.parallel if plan.whole_experts else None),
        *quantise_flag(plan, "--quantization"),
        "--is-embedding" if plan.model.embedding_only else None,
        "--enable-metrics",
    )


def _tool(plan: Plan) -> str:
    at_once = max(plan.users, 1)
    bench = steps.argv(
        *("python3", "-m", "sglang.benchmark.serving", "--backend", "sglang"),
        *("--base-url", f"http://127.0.0.1:{PORT}", "--model", repository(plan)),
        *("--served-model-name", plan.name, "--dataset-name", "random-ids"),
        *("--random-input-len", int(load.TALK.prompt), "--random-output-len"),
        *(int(load.TALK.output), "--random-range-ratio", "1"),
        *("--num-prompts", 8 * at_once, "--max-concurrency", at_once),
    )
    if _container(plan):
        return f"docker exec {container.named(plan)} {bench}"
    return steps.lines(ACTIVATE, bench)


def _upgrade(plan: Plan) -> str:
    image = _container(plan)
    if image is None:
        return steps.lines(ACTIVATE, pip("--upgrade sglang"))
    return f"docker pull {image.name.split(':')[0]}:latest"

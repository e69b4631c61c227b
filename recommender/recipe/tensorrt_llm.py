"""TensorRT-LLM: NVIDIA's container with `trtllm-serve` in it."""

from __future__ import annotations

from recommender.recipe import container, steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, image
from recommender.recipe.safetensors import repository
from recommender.recipe.server import ANYWHERE, Place, Server, words
from recommender.recommendation import Command

PORT = 8000
EXPOSE = (
    "Published on 127.0.0.1 only. It has no keys: to share it, "
    "put a proxy with TLS and a login before it."
)
TOOL = (
    "Any client of the OpenAI API measures it; NVIDIA's own trtllm-bench loads the engine without "
    "a server, inside the image. This counts what the server itself has seen."
)


def commands(plan: Plan) -> tuple[Command, ...]:
    model, found = repository(plan), _image(plan)
    pull = steps.lines(steps.UV, f"docker pull {found.name}")
    needs = f"{container.needs(plan, found)} The image is large."
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Fetch the image", pull, needs),
        steps.download(plan, model),
        Command("serve", f"Serve up to {plan.context:,} tokens each", _serve(plan), EXPOSE),
        steps.check(plan, PORT, model),
        steps.load_test(plan, PORT, model),
        steps.own_tool(f"curl --fail http://127.0.0.1:{PORT}/metrics", TOOL),
        *watch.steps(plan, PORT, f"docker pull {found.name.split(':')[0]}:NEW.VERSION"),
    )


def server(plan: Plan, place: Place) -> Server:
    """It answers to the name of the repository."""
    arguments = words(
        *(repository(plan), "--host", place.host, "--port", PORT),
        *("--max_seq_len", plan.context),
        *steps.option("--max_batch_size", plan.slots),
        *steps.option("--tp_size", plan.parallel if plan.parallel > 1 else None),
        *steps.option("--ep_size", plan.parallel if plan.whole_experts else None),
        *("--kv_cache_free_gpu_memory_fraction", str(plan.memory_share)),
    )
    return Server((), arguments, PORT, shared_memory_gib=8, image=_image(plan))


def _image(plan: Plan) -> Image:
    found = image(plan.engine, "nvidia", plan.arch)
    assert found is not None
    return found


def _serve(plan: Plan) -> str:
    return container.run(plan, server(plan, Place(host=ANYWHERE)), _image(plan))

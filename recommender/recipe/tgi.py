"""Text Generation Inference: its container. The project is archived; kept for who has it."""

from __future__ import annotations

from recommender.estimate import load
from recommender.recipe import container, steps, watch
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, image
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recipe.server import Place, Server, words
from recommender.recommendation import Command

PORT = 8080
EXPOSE = "Published on 127.0.0.1 only. To share it, set API_KEY and put a proxy with TLS before it."
ARCHIVED = "The project is archived: no more fixes."
LAST = "3.3.7 is the last release: there is nothing newer. Plan the move to another engine."
TOOL = "In the running container, past its HTTP server."


def commands(plan: Plan) -> tuple[Command, ...]:
    model, found = repository(plan), _image(plan)
    pull = steps.lines(steps.UV, f"docker pull {found.name}")
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Fetch the image", pull, f"{container.needs(plan, found)} {ARCHIVED}"),
        steps.download(plan, model),
        Command("serve", f"Serve up to {plan.context:,} tokens each", _serve(plan), EXPOSE),
        steps.check(plan, PORT, model),
        steps.load_test(plan, PORT, model),
        steps.own_tool(_tool(plan), TOOL),
        *watch.steps(plan, PORT, "")[:1],
        watch.renewed(f"docker pull {found.name}", LAST),
    )


def server(plan: Plan, place: Place) -> Server:
    """Inside its image it listens on port 80, on every address."""
    del place
    arguments = words(
        *("--model-id", repository(plan)),
        *("--max-input-tokens", plan.context - 1, "--max-total-tokens", plan.context),
        *steps.option("--max-concurrent-requests", plan.slots),
        *("--cuda-memory-fraction", str(plan.memory_share)),
        *steps.option("--num-shard", plan.parallel if plan.parallel > 1 else None),
        *quantise_flag(plan, "--quantize"),
    )
    return Server((), arguments, PORT, shared_memory_gib=1, image=_image(plan))


def _image(plan: Plan) -> Image:
    found = image(plan.engine, plan.runs_on, "x86_64") or image(plan.engine, "nvidia", "x86_64")
    assert found is not None
    return found


def _serve(plan: Plan) -> str:
    return container.run(plan, server(plan, Place()), _image(plan))


def _tool(plan: Plan) -> str:
    return steps.argv(
        *("docker", "exec", container.named(plan), "text-generation-benchmark"),
        *("--tokenizer-name", repository(plan), "--sequence-length", int(load.TALK.prompt)),
        *("--decode-length", int(load.TALK.output), "--batch-size", max(plan.users, 1)),
    )

"""Text Generation Inference: its container. The project is archived; kept for who has it."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recipe.safetensors import quantise_flag, repository
from recommender.recommendation import Command

PORT = 8080
IMAGE = "ghcr.io/huggingface/text-generation-inference:latest"
EXPOSE = (
    "Published on 127.0.0.1 only. To share it, add --api-key and put a proxy with TLS before it."
)
NEEDS = "Needs Docker and the NVIDIA container toolkit. The project is archived: no more fixes."


def commands(plan: Plan) -> tuple[Command, ...]:
    model = repository(plan)
    return (
        *((steps.wsl(),) if plan.windows else ()),
        Command("install", "Fetch the image", steps.lines(steps.UV, f"docker pull {IMAGE}"), NEEDS),
        steps.download(plan, model),
        Command("serve", f"Serve up to {plan.context:,} tokens each", _serve(plan), EXPOSE),
        steps.check(plan, PORT, model),
        steps.load_test(plan, PORT, model),
    )


def _serve(plan: Plan) -> str:
    run = (
        f"docker run --rm --gpus all --shm-size 1g -p 127.0.0.1:{PORT}:80 \\\n"
        '  -v "$HOME/.cache/huggingface/hub:/data" \\\n'
        f"  {IMAGE} \\\n  "
    )
    return run + steps.argv(
        *("--model-id", repository(plan)),
        *("--max-input-tokens", plan.context - 1, "--max-total-tokens", plan.context),
        *steps.option("--num-shard", plan.parallel if plan.parallel > 1 else None),
        *quantise_flag(plan, "--quantize"),
    )

"""TensorRT-LLM: NVIDIA's container with `trtllm-serve` in it."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recipe.safetensors import repository
from recommender.recommendation import Command

PORT = 8000
IMAGE = "nvcr.io/nvidia/tensorrt-llm/release:1.2.1"
EXPOSE = (
    "Published on 127.0.0.1 only. It has no keys: to share it, "
    "put a proxy with TLS and a login before it."
)
NEEDS = "Needs Docker and the NVIDIA container toolkit; the image is large."


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
        "docker run --rm --gpus all --ipc host --ulimit memlock=-1 --ulimit stack=67108864 \\\n"
        f'  -p 127.0.0.1:{PORT}:{PORT} -v "$HOME/.cache/huggingface:/root/.cache/huggingface" \\\n'
        f"  {IMAGE} \\\n  "
    )
    return run + steps.argv(
        *("trtllm-serve", repository(plan), "--host", "0.0.0.0", "--port", PORT),  # noqa: S104 - inside the container
        *("--max_seq_len", plan.context),
        *steps.option("--max_batch_size", plan.slots),
        *steps.option("--tp_size", plan.parallel if plan.parallel > 1 else None),
        *("--kv_cache_free_gpu_memory_fraction", "0.9"),
    )

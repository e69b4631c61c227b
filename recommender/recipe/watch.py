"""Watching a server that runs, and taking a newer version of it."""

from __future__ import annotations

from recommender.recipe.plan import Plan
from recommender.recommendation import Command

FULL = "tell how full it is."
SEEN = {
    "llama.cpp": (
        "metrics",
        f"llamacpp:requests_processing, requests_deferred and predicted_tokens_seconds {FULL}",
    ),
    "vllm": (
        "metrics",
        f"vllm:num_requests_running, num_requests_waiting and kv_cache_usage_perc {FULL}",
    ),
    "sglang": ("metrics", f"sglang:num_running_reqs, num_queue_reqs and token_usage {FULL}"),
    "tensorrt-llm": (
        "metrics",
        "JSON, an entry for each step; empty unless a --config file sets enable_iter_perf_stats.",
    ),
    "tgi": ("metrics", f"tgi_queue_size and tgi_batch_current_size {FULL}"),
    "mlx-lm": ("health", "It keeps no metrics; its log names each request."),
}
DEVICE = {
    "nvidia": "nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv -l 5",
    "amd": "watch -n 5 amd-smi monitor",
    "apple": "sudo powermetrics --samplers gpu_power -i 5000",
    "jetson": "tegrastats --interval 5000",
}
NVIDIA_ON_WINDOWS = "nvidia-smi '--query-gpu=utilization.gpu,memory.used' '--format=csv' -l 5"
UPGRADE = (
    "First look at the release notes. Where a command or a file names the version or tag, put the "
    "new one there; load-test again before others use it."
)


def steps(plan: Plan, port: int, upgrade: str) -> tuple[Command, ...]:
    """What a running server says of itself, and how it is renewed."""
    path, note = SEEN[plan.engine]
    ask = f"curl --fail http://127.0.0.1:{port}/{path}"
    if plan.windows and plan.engine == "llama.cpp":
        ask = f"Invoke-RestMethod -Uri http://127.0.0.1:{port}/{path}"
    return seen(plan, ask, note), renewed(upgrade)


def seen(plan: Plan, ask: str, note: str) -> Command:
    """The server's own figures and the device's."""
    kind = "jetson" if plan.jetson else plan.hardware
    device = DEVICE.get(kind, "")
    if plan.windows:
        device = NVIDIA_ON_WINDOWS if kind == "nvidia" else ""
    shell = "\n".join(line for line in (ask, device) if line)
    return Command("watch", "Watch it", shell, note)


def renewed(shell: str, note: str = UPGRADE) -> Command:
    """The step that takes a newer version."""
    return Command("upgrade", "Take a newer version", shell, note)

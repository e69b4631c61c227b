"""TensorRT-LLM's server: `trtllm-serve` on PATH, or the command that runs NVIDIA's container."""

from __future__ import annotations

from pathlib import Path

from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.serving import (
    OFFLINE,
    Provider,
    ServerAdapter,
    Told,
    Up,
    by_command,
    on_path,
)

_OPTIONS = "trtllm.yaml"


class TensorrtLlm(ServerAdapter):
    id = "tensorrt-llm"
    name = "TensorRT-LLM"
    weights = "hf-dummy"
    always = OFFLINE
    how = "NVIDIA's container: https://nvidia.github.io/TensorRT-LLM/"
    grace_s = 5.0

    @property
    def providers(self) -> tuple[Provider, ...]:
        on = on_path("trtllm-serve", "serve", package="tensorrt_llm", backend="cuda")
        return (on, by_command("tensorrt-llm"))

    def arguments(self, launch: Launch) -> list[str]:
        argv = [str(launch.model_path), "--host", "127.0.0.1", "--port", str(launch.port)]
        argv += ["--max_seq_len", str(launch.context_per_slot)]
        argv += ["--extra_llm_api_options", str(_options_of(launch))]
        return argv if launch.slots is None else [*argv, "--max_batch_size", str(launch.slots)]

    def prepare(self, launch: Launch) -> None:
        """What its command line has no word for."""
        lines = ["load_format: dummy"] if launch.synthetic else []
        if launch.slots is not None:
            lines += ["kv_cache_config:", "  enable_block_reuse: false"]
        _options_of(launch).write_text("\n".join([*lines, ""]) if lines else "{}\n")

    def served_name(self, launch: Launch) -> str:
        return launch.model_path.name

    def tell(self, up: Up) -> Told:
        said = up.server.get_json("/version")
        version = str(said.get("version", "")) if isinstance(said, dict) else ""
        return Told(slots=up.launch.slots, version=version, backend="cuda")


def _options_of(launch: Launch) -> Path:
    return launch.work_dir / _OPTIONS

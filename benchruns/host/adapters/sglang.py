"""SGLang's server, for NVIDIA GPUs from its wheel, elsewhere by command."""

from __future__ import annotations

from typing import Any

from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.serving import (
    OFFLINE,
    Provider,
    ServerAdapter,
    Told,
    Up,
    by_command,
    in_environment,
    on_path,
)

_SERVE = ("-m", "sglang.launch_server")


class Sglang(ServerAdapter):
    id = "sglang"
    name = "SGLang"
    weights = "hf-dummy"
    always = OFFLINE
    how = "Install it here, on Linux with an NVIDIA GPU: rigguide engines install sglang"
    grace_s = 5.0

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (
            on_path("sglang", "serve", package="sglang"),
            in_environment(
                "sglang", "cuda", "SGLang's wheel", *_SERVE, package="sglang", backend="cuda"
            ),
            by_command("sglang"),
        )

    def arguments(self, launch: Launch) -> list[str]:
        argv = ["--model-path", str(launch.model_path), "--served-model-name", launch.model_name]
        argv += ["--host", "127.0.0.1", "--port", str(launch.port)]
        argv += ["--context-length", str(launch.context_per_slot)]
        if launch.synthetic:
            argv += ["--load-format", "dummy"]
        if launch.slots is not None:
            argv += ["--max-running-requests", str(launch.slots), "--disable-radix-cache"]
        return argv

    def tell(self, up: Up) -> Told:
        said = up.server.get_json("/server_info") or up.server.get_json("/get_server_info")
        info: dict[str, Any] = said if isinstance(said, dict) else {}
        return Told(
            slots=_slots(info) or up.launch.slots,
            context_tokens=info.get("context_length"),
            version=str(info.get("version", "")),
        )


def _slots(info: dict[str, Any]) -> int | None:
    """As many as came out when it had shared out its memory, or else as many as were asked for."""
    states = info.get("internal_states")
    first = states[0] if isinstance(states, list) and states else {}
    effective: int | None = first.get("effective_max_running_requests_per_dp")
    return effective or info.get("max_running_requests")

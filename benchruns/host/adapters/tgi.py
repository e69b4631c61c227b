"""Text Generation Inference. Its project is archived: it is measured, and recommended to nobody."""

from __future__ import annotations

from typing import Any

from benchruns.host.adapters.base import Found, Launch
from benchruns.host.adapters.serving import (
    OFFLINE,
    Provider,
    ServerAdapter,
    Told,
    Up,
    by_command,
    on_path,
)
from benchruns.host.load.dialect import Dialect


class Tgi(ServerAdapter):
    id = "tgi"
    name = "TGI"
    weights = "safetensors"  # it knows no dummy weights
    always = OFFLINE
    how = (
        "Its container: https://github.com/huggingface/text-generation-inference (archived); "
        "one that runs is measured with: rigguide bench --target URL --model NAME"
    )
    dialect: Dialect | None = None
    grace_s = 5.0

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (on_path("text-generation-launcher"), by_command("tgi"))

    def arguments(self, launch: Launch) -> list[str]:
        argv = ["--model-id", str(launch.model_path), "--hostname", "127.0.0.1"]
        argv += ["--port", str(launch.port), "--max-total-tokens", str(launch.context_per_slot)]
        if launch.slots is not None:
            argv += ["--max-batch-size", str(launch.slots)]
            argv += ["--max-concurrent-requests", str(2 * launch.slots)]
        return argv

    def environment(self, found: Found, launch: Launch) -> dict[str, str]:
        del found
        quiet = {"USAGE_STATS": "off"}
        return quiet if launch.slots is None else {**quiet, "PREFIX_CACHING": "0"}

    def tell(self, up: Up) -> Told:
        said = up.server.get_json("/info")
        info: dict[str, Any] = said if isinstance(said, dict) else {}
        return Told(
            slots=up.launch.slots,
            context_tokens=info.get("max_total_tokens"),
            version=str(info.get("version", "")),
            build=str(info.get("sha") or ""),
        )

"""MLX-LM's server, on Apple Silicon and on a Linux processor. It batches requests without seed."""

from __future__ import annotations

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
from benchruns.host.load.dialect import Dialect

_SERVE = ("-m", "mlx_lm", "server")
_SHIPPED_SLOTS = 32  # its --decode-concurrency unless told otherwise


class MlxLm(ServerAdapter):
    id = "mlx-lm"
    name = "MLX-LM"
    weights = "safetensors"
    always = OFFLINE
    how = "Install it here: rigguide engines install mlx-lm"
    dialect = Dialect(exact=False)

    @property
    def providers(self) -> tuple[Provider, ...]:
        def installed(provider: str, name: str) -> Provider:
            return in_environment(
                "mlx-lm", provider, name, *_SERVE, package="mlx-lm", backend=provider
            )

        return (
            on_path("mlx_lm.server", package="mlx-lm"),
            installed("metal", "MLX-LM's wheel"),
            installed("cpu", "MLX-LM's wheel on a processor"),
            by_command("mlx-lm"),
        )

    def arguments(self, launch: Launch) -> list[str]:
        argv = ["--model", str(launch.model_path), "--host", "127.0.0.1"]
        argv += ["--port", str(launch.port)]
        if launch.slots is not None:
            slots = str(launch.slots)
            argv += ["--decode-concurrency", slots, "--prompt-concurrency", slots]
            argv += ["--prompt-cache-size", "1"]
        return argv

    def served_name(self, launch: Launch) -> str:
        del launch
        return "default_model"  # its word for the one it was started with

    def tell(self, up: Up) -> Told:
        return Told(slots=up.launch.slots or _SHIPPED_SLOTS)

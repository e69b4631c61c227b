"""llama-cpp-python's own server. One request at a time: another thing than llama-server."""

from __future__ import annotations

from benchruns.host.adapters import backends
from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.process import tail
from benchruns.host.adapters.serving import Provider, ServerAdapter, Told, Up, in_environment

_SERVE = ("-m", "llama_cpp.server")


class LlamaCppPython(ServerAdapter):
    id = "llama-cpp-python"
    name = "llama-cpp-python's server"
    weights = "gguf"
    how = "Build it here: rigguide engines install llama.cpp --provider native"
    ready = "/v1/models"

    @property
    def providers(self) -> tuple[Provider, ...]:
        name = "llama_cpp.server built here"
        return (in_environment(self.id, "native", name, *_SERVE, package="llama-cpp-python"),)

    def arguments(self, launch: Launch) -> list[str]:
        argv = ["--model", str(launch.model_path), "--model_alias", launch.model_name]
        argv += ["--host", "127.0.0.1", "--port", str(launch.port)]
        argv += ["--n_ctx", str(launch.context_per_slot)]
        # As shipped another request interrupts the one that is being answered.
        return argv if launch.slots is None else [*argv, "--interrupt_requests", "False"]

    def tell(self, up: Up) -> Told:
        return Told(
            slots=1,
            context_tokens=up.launch.context_per_slot,
            backend=backends.of_log(tail(up.server.log_path, 200_000)),
        )

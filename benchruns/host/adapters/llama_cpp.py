"""llama.cpp's server: `llama-server` from PATH, else the one inside the xllamacpp wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchruns.host.adapters import backends
from benchruns.host.adapters.base import Check, Installed, Launch, RunningEngine
from benchruns.host.adapters.process import Server, serve
from benchruns.host.document import EngineFacts
from benchruns.host.errors import EngineFailed
from benchruns.host.load.dialect import NATIVE, Dialect

NAME = "llama.cpp"
AUTOMATIC_SLOTS = 4  # what `-np -1`, the default, comes to
_HOW = "Put llama-server on PATH, or install the wheel: pip install xllamacpp"
ON_PATH = "llama-server on PATH"
WHEEL = "xllamacpp wheel"


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to have llama.cpp. `argv` is complete but for the program's own path."""

    name: str
    version: Callable[[], tuple[str, str] | None]  # (version, build); None: not installed
    argv: Callable[[Launch], list[str]]
    backend: Callable[[str], str | None]  # of that version; None: not known


def _context(launch: Launch) -> int:
    """llama.cpp's context is that of all slots together."""
    return launch.context_per_slot * (launch.slots or AUTOMATIC_SLOTS)


def _native_argv(launch: Launch) -> list[str]:
    """As shipped: only what says which model, where, and how much memory may go to its cache."""
    argv = ["llama-server", "--model", str(launch.model_path), "--alias", launch.model_name]
    argv += ["--host", "127.0.0.1", "--port", str(launch.port)]
    argv += ["--ctx-size", str(_context(launch))]
    if launch.slots is not None:
        argv += ["--parallel", str(launch.slots), "--no-cache-prompt"]
    return argv


def _wheel_argv(launch: Launch) -> list[str]:
    module = "benchruns.host.adapters.xllamacpp_server"
    argv = [sys.executable, "-m", module, "--model", str(launch.model_path)]
    argv += ["--alias", launch.model_name, "--port", str(launch.port)]
    argv += ["--context", str(_context(launch))]
    return argv if launch.slots is None else [*argv, "--slots", str(launch.slots)]


def _native_version() -> tuple[str, str] | None:
    program = shutil.which("llama-server")
    if program is None:
        return None
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"version:\s*(\S+)\s*\((\w+)\)", said.stdout + said.stderr)
    return (f"b{found[1]}", found[2]) if found else ("unknown", "")


def _wheel_version() -> tuple[str, str] | None:
    try:
        return version("xllamacpp"), ""
    except PackageNotFoundError:
        return None


def _native_backend(version: str) -> str | None:
    program = shutil.which("llama-server")
    return None if program is None else backends.of_native(program, version)


def _wheel_backend(version: str) -> str | None:
    del version  # the installed wheel itself is asked
    return backends.of_wheel()


PROVIDERS = (
    Provider(ON_PATH, _native_version, _native_argv, _native_backend),
    Provider(WHEEL, _wheel_version, _wheel_argv, _wheel_backend),
)


@dataclass(slots=True)
class RunningLlamaCpp:
    """llama.cpp's server, answering."""

    server: Server
    provider: str
    version: str
    build: str
    argv: tuple[str, ...]
    model_name: str
    startup_s: float
    dialect: Dialect | None = NATIVE
    listed: str | None = None  # the backend by the devices it lists

    @property
    def base_url(self) -> str:
        return self.server.base_url

    @property
    def pid(self) -> int | None:
        return self.server.pid

    def facts(self) -> EngineFacts:
        props = self._props()
        context = props.get("default_generation_settings", {}).get("n_ctx")
        return EngineFacts(
            id="llama.cpp",
            name=NAME,
            provider=self.provider,
            version=self.version,
            build=" ".join(filter(None, [self.build, str(props.get("build_info", ""))])),
            argv=self.argv,
            slots=props.get("total_slots"),
            context_tokens=context,
            startup_s=round(self.startup_s, 2),
            backend=self._backend(),
        )

    def _backend(self) -> str | None:
        """Where the log says it put the weights counts more than what could have computed."""
        log = self.log_tail(200_000)
        return backends.of_log(log) if backends.tells(log) else self.listed

    def _props(self) -> dict[str, Any]:
        found = self.server.get_json("/props")
        return found if isinstance(found, dict) else {}

    def alive(self) -> bool:
        return self.server.alive()

    def ending(self) -> str:
        return self.server.ending()

    def log_tail(self, characters: int = 8000) -> str:
        return self.server.log_tail(characters)

    def stop(self) -> None:
        self.server.stop()


@dataclass(frozen=True, slots=True)
class LlamaCpp:
    """`providers` in order of preference: a build for this very machine before a portable wheel."""

    id: str = "llama.cpp"
    name: str = NAME
    weights: str = "gguf"
    providers: tuple[Provider, ...] = PROVIDERS

    def installed(self) -> Installed:
        for provider in self.providers:
            found = provider.version()
            if found is not None:
                return Installed(provider.name, found[0], startable=True)
        return Installed(None, detail=_HOW)

    def start(self, launch: Launch, check: Check) -> RunningEngine:
        for provider in self.providers:
            found = provider.version()
            if found is not None:
                return _start(provider, found, launch, check)
        raise EngineFailed(f"llama.cpp is not installed. {_HOW}.")


def _start(
    provider: Provider, found: tuple[str, str], launch: Launch, check: Check
) -> RunningLlamaCpp:
    argv = provider.argv(launch)
    listed = provider.backend(found[0])
    server = serve(NAME, argv, launch)
    startup_s = server.wait_until_ready("/health", launch.start_limit_s, check)
    running = RunningLlamaCpp(
        server, provider.name, *found, tuple(argv), launch.model_name, startup_s
    )
    running.listed = listed
    return running

"""llama.cpp's server: from PATH, built here for this processor, or inside the xllamacpp wheel."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchruns.host.adapters import backends
from benchruns.host.adapters.base import Found, Launch
from benchruns.host.adapters.process import Server, tail
from benchruns.host.adapters.serving import (
    PATH,
    Provider,
    ServerAdapter,
    Told,
    Up,
    by_command,
)
from benchruns.host.install import environments

NAME = "llama.cpp"
AUTOMATIC_SLOTS = 4  # what `-np -1`, the default, comes to
_HOW = (
    "Put llama-server on PATH, install the wheel: pip install xllamacpp, or build it here: "
    "rigguide engines install llama.cpp"
)
ON_PATH = "llama-server on PATH"
NATIVE = "llama-server built here"
WHEEL = "xllamacpp wheel"


def built_env(packages: Path) -> dict[str, str]:
    """Its libraries lie beside it, and its build does not say where."""
    return {"LD_LIBRARY_PATH": str(packages / "lib"), "DYLD_LIBRARY_PATH": str(packages / "lib")}


def _built() -> Found | None:
    env = environments.serving("llama.cpp", "native")
    if env is None:
        return None
    program = env.packages_dir / "bin" / "llama-server"
    said = _version(str(program), built_env(env.packages_dir))
    if said is None:
        return None
    build = " ".join(filter(None, said))
    return _native("native", NATIVE, str(program), env.manifest.version, build, env.packages_dir)


def _on_path() -> Found | None:
    program = shutil.which("llama-server")
    said = program and _version(program, {})
    return _native(PATH, ON_PATH, program, *said, None) if program and said else None


def _native(
    provider: str, name: str, program: str, version: str, build: str, packages: Path | None
) -> Found:
    env = built_env(packages) if packages else {}
    backend = backends.of_native(program, version, env, unasked=packages is not None)
    return Found(provider, name, (program,), version, build, env, backend)


def _version(program: str, env: Mapping[str, str]) -> tuple[str, str] | None:
    """(version, commit). Builds before versions were "version: 7140 (1a2b3c4d)"."""
    said = backends.said(program, "--version", env=env)
    if said is None:
        return None
    new = re.search(r"version:\s*(\S+)\s*\(build \d+, commit (\w+)\)", said)
    old = re.search(r"version:\s*(\S+)\s*\((\w+)\)", said)
    if new:
        return new[1], new[2]
    return (f"b{old[1]}", old[2]) if old else ("unknown", "")


def _in_the_wheel() -> Found | None:
    try:
        found = version("xllamacpp")
    except PackageNotFoundError:
        return None
    module = "benchruns.host.adapters.xllamacpp_server"
    return Found("xllamacpp", WHEEL, (sys.executable, "-m", module), found)


PROVIDERS = (
    Provider(PATH, ON_PATH, _on_path),
    Provider("native", NATIVE, _built),
    Provider("xllamacpp", WHEEL, _in_the_wheel),
    by_command("llama.cpp"),
)


def context(launch: Launch) -> int:
    """llama.cpp's context is that of all slots together."""
    return launch.context_per_slot * (launch.slots or AUTOMATIC_SLOTS)


class LlamaCpp(ServerAdapter):
    """A build for this very machine goes before a portable wheel."""

    id = "llama.cpp"
    name = NAME
    weights = "gguf"
    how = _HOW

    def __init__(self, providers: tuple[Provider, ...] = PROVIDERS) -> None:
        self._providers = providers

    @property
    def providers(self) -> tuple[Provider, ...]:
        return self._providers

    def arguments(self, launch: Launch) -> list[str]:
        argv = ["--model", str(launch.model_path), "--alias", launch.model_name]
        argv += ["--host", "127.0.0.1", "--port", str(launch.port)]
        argv += ["--ctx-size", str(context(launch))]
        if launch.slots is not None:
            argv += ["--parallel", str(launch.slots), "--no-cache-prompt"]
        return argv

    def tell(self, up: Up) -> Told:
        props = _props(up.server)
        # Where the log says it put the weights counts more than what could have computed.
        log = tail(up.server.log_path, 200_000)
        listed = backends.of_wheel() if up.found.provider == "xllamacpp" else up.found.backend
        return Told(
            slots=props.get("total_slots"),
            context_tokens=props.get("default_generation_settings", {}).get("n_ctx"),
            build=str(props.get("build_info", "")),
            backend=backends.of_log(log) if backends.tells(log) else listed,
        )


def _props(server: Server) -> dict[str, Any]:
    found = server.get_json("/props")
    return found if isinstance(found, dict) else {}

"""What all engines that are servers of ours have in common: found, started, asked, stopped."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchruns.host.adapters import backends
from benchruns.host.adapters.base import Check, Found, Installed, Launch, RunningEngine
from benchruns.host.adapters.process import Server, serve
from benchruns.host.document import EngineFacts
from benchruns.host.errors import EngineFailed
from benchruns.host.install import environments
from benchruns.host.load.dialect import NATIVE, Dialect

NOTHING: Mapping[str, str] = MappingProxyType({})
COMMAND, PATH = "command", "path"  # providers that every engine may have


Find = Callable[[], Found | None]


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to have an engine."""

    id: str
    name: str
    find: Find


@dataclass(frozen=True, slots=True)
class Up:
    """A server that answers, and how it came to."""

    server: Server
    found: Found
    launch: Launch


@dataclass(frozen=True, slots=True)
class Told:
    """What a running engine says of itself; None where it does not say."""

    slots: int | None = None
    context_tokens: int | None = None
    build: str = ""
    version: str = ""
    backend: str | None = None


@dataclass(slots=True)
class Running:
    """A server of ours, answering."""

    server: Server
    found: Found
    argv: tuple[str, ...]
    startup_s: float
    id: str
    name: str
    model_name: str
    dialect: Dialect | None
    told: Callable[[], Told]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return self.server.base_url

    @property
    def pid(self) -> int | None:
        return self.server.pid

    def facts(self) -> EngineFacts:
        told = self.told()
        return EngineFacts(
            id=self.id,
            name=self.name,
            provider=self.found.name,
            version=told.version or self.found.version,
            build=" ".join(filter(None, [self.found.build, told.build])),
            argv=self.argv,
            slots=told.slots,
            context_tokens=told.context_tokens,
            startup_s=round(self.startup_s, 2),
            backend=told.backend or self.found.backend,
        )

    def alive(self) -> bool:
        return self.server.alive()

    def ending(self) -> str:
        return self.server.ending()

    def log_tail(self, characters: int = 8000) -> str:
        return self.server.log_tail(characters)

    def stop(self) -> None:
        self.server.stop()


class ServerAdapter(ABC):
    """An engine that is started as a server and speaks OpenAI's API."""

    id: str
    name: str
    weights: str
    how: str  # to get it, where it is not here
    always: Mapping[str, str] = NOTHING  # variables of its environment
    ready: str = "/health"
    dialect: Dialect | None = NATIVE
    grace_s: float = 0.5  # to end by itself, before it is killed

    @property
    @abstractmethod
    def providers(self) -> tuple[Provider, ...]:
        """In order of preference."""

    @abstractmethod
    def arguments(self, launch: Launch) -> list[str]:
        """What follows `found.command`. As shipped: only what says which model, where, and how
        much memory may go to its cache.
        """

    @abstractmethod
    def tell(self, up: Up) -> Told: ...

    def environment(self, found: Found, launch: Launch) -> dict[str, str]:
        """Variables of this start, beside `always` and those of what was found."""
        del found, launch
        return {}

    def served_name(self, launch: Launch) -> str:
        return launch.model_name

    def prepare(self, launch: Launch) -> None:
        """Lays ready what it reads when it starts."""
        del launch

    def here(self) -> Iterator[Found]:
        """Every way in which it is here, the preferred first."""
        yield from filter(None, (provider.find() for provider in self.providers))

    def installed(self, provider: str | None = None) -> Installed:
        found = next((f for f in self.here() if provider in (None, f.provider)), None)
        if found is None:
            return Installed(None, detail=self._absent(provider))
        return Installed(found.name, found.version, startable=True)

    def _absent(self, provider: str | None) -> str:
        ids = [p.id for p in self.providers]
        if provider is None or provider in ids:
            return self.how
        return f"It has no provider {provider!r}; there are: {', '.join(ids)}"

    def start(self, launch: Launch, check: Check) -> RunningEngine:
        found = next((f for f in self.here() if launch.provider in (None, f.provider)), None)
        if found is None:
            which = f" ({launch.provider})" if launch.provider else ""
            raise EngineFailed(
                f"{self.name}{which} is not installed. {self._absent(launch.provider)}."
            )
        return self._start(found, launch, check)

    def _start(self, found: Found, launch: Launch, check: Check) -> RunningEngine:
        self.prepare(launch)
        argv = [*found.command, *self.arguments(launch)]
        env = {**self.always, **found.env, **self.environment(found, launch)}
        server = serve(self.name, argv, launch, env=env)
        server.grace_s = self.grace_s
        startup_s = server.wait_until_ready(self.ready, launch.start_limit_s, check)
        return Running(
            server=server,
            found=found,
            argv=tuple(argv),
            startup_s=startup_s,
            id=self.id,
            name=self.name,
            model_name=self.served_name(launch),
            dialect=self.dialect,
            told=lambda: self.tell(Up(server, found, launch)),
        )


# Nothing is fetched and nothing is told to anybody while measuring.
OFFLINE: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def on_path(
    program: str, *begin: str, package: str | None = None, backend: str | None = None
) -> Provider:
    """A program that the machine's owner put on PATH; `begin` follows it."""
    name = f"{program} on PATH"

    def find() -> Found | None:
        path = shutil.which(program)
        if path is None:
            return None
        version = (package and package_version(path, package)) or version_of(path)
        return Found(PATH, name, (path, *begin), version, backend=backend)

    return Provider(PATH, name, find)


def package_version(program: str, package: str) -> str | None:
    """From the metadata of the Python beside the program, for many take long to say it."""
    python = Path(program).resolve().with_name("python")
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    said = backends.said(str(python), "-c", ask, env={}) if python.exists() else None
    return said.strip() if said else None


def variable_of(engine_id: str) -> str:
    """`RIGGUIDE_VLLM_COMMAND`"""
    return f"RIGGUIDE_{re.sub(r'[^A-Za-z0-9]', '_', engine_id).upper()}_COMMAND"


def by_command(engine_id: str) -> Provider:
    """A command of the machine's owner, such as a container's, that ends where options begin.

    It is read from this machine's environment and from nowhere else: no site can set it.
    """
    name = f"the command in {variable_of(engine_id)}"

    def find() -> Found | None:
        words = tuple(shlex.split(os.environ.get(variable_of(engine_id), "")))
        return Found(COMMAND, name, words) if words and shutil.which(words[0]) else None

    return Provider(COMMAND, name, find)


def in_environment(
    engine_id: str, provider: str, name: str, *begin: str, package: str, backend: str | None = None
) -> Provider:
    """An environment that was installed from here; `begin` follows its Python."""

    def find() -> Found | None:
        env = environments.serving(engine_id, provider)
        if env is None:
            return None
        command = (str(env.python), *begin)
        return Found(provider, name, command, env.version_of(package), backend=backend)

    return Provider(provider, name, find)


def version_of(program: str) -> str:
    """What `program --version` says first that looks like a version."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = re.search(r"\d+(\.\d+)+\S*", said.stdout + said.stderr)
    return found[0] if found else "unknown"


def number(log: str, pattern: str) -> int | None:
    """The first group of the last match in an engine's log, as a number."""
    found = re.findall(pattern, log)
    return int(found[-1].replace(",", "")) if found else None

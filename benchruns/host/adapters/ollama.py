"""Ollama: `ollama` on PATH with a model store of its own for the run, or a server that runs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlparse

from benchruns.host.adapters.base import Check, Found, Launch, RunningEngine
from benchruns.host.adapters.ollama_api import Api
from benchruns.host.adapters.ollama_names import URL, name_elsewhere, name_of, remove_leftovers
from benchruns.host.adapters.process import tail
from benchruns.host.adapters.serving import Provider, ServerAdapter, Told, Up, on_path
from benchruns.host.document import EngineFacts
from benchruns.host.errors import EngineFailed
from benchruns.host.load.dialect import Dialect

_LIBRARIES = {"cpu": "cpu", "cuda": "cuda", "rocm": "rocm", "metal": "metal", "vulkan": "vulkan"}


class Ollama(ServerAdapter):
    id = "ollama"
    name = "Ollama"
    weights = "gguf"
    how = f"Get it from https://ollama.com/download, or name a server that runs in {URL}"
    ready = "/api/version"
    dialect: Dialect | None = Dialect(exact=False)
    grace_s = 3.0  # its runners are children of its own

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (Provider("url", f"a server that ran, named in {URL}", _at_url), on_path("ollama"))

    def arguments(self, launch: Launch) -> list[str]:
        del launch
        return ["serve"]

    def environment(self, found: Found, launch: Launch) -> dict[str, str]:
        """As shipped it serves one request at a time; slots are its OLLAMA_NUM_PARALLEL."""
        env = {
            "OLLAMA_HOST": f"127.0.0.1:{launch.port}",
            "OLLAMA_MODELS": str(launch.work_dir / "ollama-models"),
            "OLLAMA_NO_CLOUD": "1",
            "OLLAMA_NOHISTORY": "1",
        }
        del found
        slots = {} if launch.slots is None else {"OLLAMA_NUM_PARALLEL": str(launch.slots)}
        return {**env, **slots}

    def served_name(self, launch: Launch) -> str:
        return name_of(launch.model_name)

    def _start(self, found: Found, launch: Launch, check: Check) -> RunningEngine:
        if found.provider == "url":
            return _connect(found, launch, check)
        running = super()._start(found, launch, check)
        try:
            _load(Api(running.base_url, check), launch, self.served_name(launch))
        except EngineFailed as error:
            log = running.log_tail()
            running.stop()
            raise EngineFailed(error.reason, log=log) from error
        except BaseException:
            running.stop()
            raise
        return running

    def tell(self, up: Up) -> Told:
        api = Api(up.server.base_url, lambda: None)
        told = api.running(self.served_name(up.launch))
        log = tail(up.server.log_path, 200_000)
        return Told(
            slots=up.launch.slots or _shipped_slots(),
            context_tokens=told.get("context_length"),
            version=api.version(),
            backend=_backend(told, log),
        )


def _load(api: Api, launch: Launch, name: str) -> None:
    """It stays as long as the plan may take: who is killed leaves nothing loaded for good."""
    api.create(name, launch.model_path, launch.context_per_slot)
    api.load(name, ceil(launch.start_limit_s))


def _shipped_slots() -> int:
    """One, unless the machine's owner set it for every Ollama here."""
    given = os.environ.get("OLLAMA_NUM_PARALLEL", "")
    return int(given) if given.isdigit() and int(given) else 1


def _backend(told: Mapping[str, object], log: str) -> str | None:
    """The processor where nothing lies in an accelerator's memory, else what its log names."""
    if told and not told.get("size_vram"):
        return "cpu"
    found = re.findall(r"library=(\w+)", log)
    return _LIBRARIES.get(found[-1].lower()) if found else None


def _at_url() -> Found | None:
    url = os.environ.get(URL, "").rstrip("/")
    if not url or not urlparse(url).hostname:
        return None
    try:
        version = Api(url, lambda: None).version()
    except EngineFailed:
        return None
    return Found("url", "a server that ran", (url,), version)


def _connect(found: Found, launch: Launch, check: Check) -> RunningEngine:
    """Slots are its owner's business there, so a plan that would set them is refused."""
    if launch.slots is not None:
        raise EngineFailed(
            "An Ollama that already runs is measured as it is (--variant as-shipped): its slots "
            "are set where it is started, with OLLAMA_NUM_PARALLEL."
        )
    api, name = Api(found.command[0], check), name_elsewhere(launch.model_name)
    remove_leftovers(api)
    try:
        _load(api, launch, name)
    except BaseException:
        with suppress(EngineFailed):  # why it was not loaded says more
            api.delete(name)
        raise
    return RunningElsewhere(found, api, name)


@dataclass(slots=True)
class RunningElsewhere:
    """A model of ours on an Ollama that is not ours. Stopping removes the model alone."""

    found: Found
    api: Api
    model_name: str
    dialect: Dialect | None = field(default_factory=lambda: Dialect(exact=False))
    pid: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return self.api.base_url

    def facts(self) -> EngineFacts:
        told = self.api.running(self.model_name)
        return EngineFacts(
            id="ollama",
            name="Ollama",
            provider=self.found.name,
            version=self.found.version,
            context_tokens=told.get("context_length"),
            backend=_backend(told, ""),
        )

    def alive(self) -> bool:
        try:
            self.api.version()
        except EngineFailed:
            return False
        return True

    def ending(self) -> str:
        return "nobody answers there any more"

    def log_tail(self, characters: int = 8000) -> str:
        del characters
        return ""

    def stop(self) -> None:
        if self.alive():
            self.api.delete(self.model_name)

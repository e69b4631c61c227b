"""The Protocol every engine adapter implements. The one error of its contract is EngineFailed.

The load generator owns this file: it says what it needs of an engine, nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchruns.host.document import EngineFacts
from benchruns.host.errors import EngineFailed as EngineFailed
from benchruns.host.load.dialect import Dialect

Check = Callable[[], None]
"""Called while waiting; raises Cancelled (or what else ends the wait)."""


@dataclass(frozen=True, slots=True)
class Found:
    """An engine that is here. `command` begins its argument list; `version` may be "unknown"."""

    provider: str  # as plans name it
    name: str  # for people
    command: tuple[str, ...]
    version: str = "unknown"
    build: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    backend: str | None = None  # known before it starts; None: what runs must tell


@dataclass(frozen=True, slots=True)
class Installed:
    """`provider` None means "not installed"; `detail` says how to get it.

    `startable`: this adapter can start it, so it may be offered for measuring.
    """

    provider: str | None
    version: str = ""
    detail: str = ""
    startable: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """What to serve. `slots=None` leaves the engine as shipped."""

    model_path: Path
    model_name: str
    slots: int | None
    context_per_slot: int
    port: int
    work_dir: Path  # for logs and scratch files
    most_clients: int = 1
    start_limit_s: float = 600.0
    synthetic: bool = True  # the weights say nothing
    provider: str | None = None  # one of the adapter's; None: the first that is here


class RunningEngine(Protocol):
    """A started engine. Leaving the `with` block ends its whole process tree."""

    @property
    def base_url(self) -> str: ...  # "http://127.0.0.1:PORT"
    @property
    def model_name(self) -> str: ...  # what requests name as `model`
    @property
    def dialect(self) -> Dialect | None: ...  # None: nobody knows, find out
    @property
    def pid(self) -> int | None: ...  # root of its process tree; None where it is not ours
    @property
    def headers(self) -> Mapping[str, str]: ...  # of every request; a key may be in them
    def facts(self) -> EngineFacts: ...
    def alive(self) -> bool: ...
    def ending(self) -> str: ...  # how it ended, in words; once it is not alive
    def log_tail(self, characters: int = 8000) -> str: ...
    def stop(self) -> None: ...


class EngineAdapter(Protocol):
    @property
    def id(self) -> str: ...  # engine id of the contract
    @property
    def name(self) -> str: ...
    @property
    def weights(self) -> str: ...  # "gguf" | "hf-dummy" | "safetensors" | "none"

    def here(self) -> Iterator[Found]:
        """Every way in which it is here, the preferred first."""
        ...

    def installed(self, provider: str | None = None) -> Installed:
        """The one that would be started. May take a second: programs are asked their version."""
        ...

    def start(self, launch: Launch, check: Check) -> RunningEngine:
        """Starts it and waits until it answers, calling `check` at least four times a second.

        Raises EngineFailed with the log, and what `check` raises. Nothing is left running then.
        """
        ...

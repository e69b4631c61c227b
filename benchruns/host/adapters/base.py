"""The Protocol every engine adapter implements, and the one error of its contract.

The load generator owns this file: it says what it needs of an engine, nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchruns.host.document import EngineFacts


class EngineFailed(Exception):
    """The engine is missing, did not start, or died. `log` is the end of its own log."""

    def __init__(self, reason: str, *, log: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


@dataclass(frozen=True, slots=True)
class Installed:
    """`provider` None means "not installed"; `detail` says how to get it."""

    provider: str | None
    version: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to serve. `slots=None` leaves the engine as shipped."""

    model_path: Path
    model_name: str
    slots: int | None
    context_per_slot: int
    port: int
    work_dir: Path  # for logs and scratch files


class RunningEngine(Protocol):
    """A started engine. Leaving the `with` block ends its whole process tree."""

    base_url: str  # "http://127.0.0.1:PORT"
    model_name: str  # what requests name as `model`

    def facts(self) -> EngineFacts: ...
    def alive(self) -> bool: ...
    def log_tail(self, characters: int = 8000) -> str: ...
    def stop(self) -> None: ...


class EngineAdapter(Protocol):
    id: str  # engine id of the contract
    name: str
    weights: str  # "gguf" | "hf-dummy" | "safetensors" | "none"

    def installed(self) -> Installed: ...

    def start(self, launch: Launch) -> RunningEngine:
        """Starts it and waits until it answers. Raises EngineFailed with the log."""
        ...

"""An engine that is a server process of ours: started under the guard, watched, stopped."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import httpx

from benchruns.host import guard
from benchruns.host.adapters.base import Check, Launch
from benchruns.host.errors import EngineFailed

_GRACE_S = 0.5
_POLL_S = 0.1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """The process behind an engine and the way to ask it things over HTTP."""

    name: str  # for sentences: "llama.cpp"
    base_url: str
    process: guard.GuardedProcess
    log_path: Path
    grace_s: float = _GRACE_S  # to end by itself, before it is killed
    _began: float = field(default_factory=monotonic)

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.alive()

    def log_tail(self, characters: int = 8000) -> str:
        return tail(self.log_path, characters)

    def stop(self) -> None:
        self.process.stop(self.grace_s)

    def get(self, path: str) -> httpx.Response | None:
        """None while it does not answer."""
        try:
            return httpx.get(self.base_url + path, timeout=5, trust_env=False)
        except httpx.TransportError:
            return None

    def get_json(self, path: str) -> object:
        """None where there is no such page."""
        answer = self.get(path)
        return answer.json() if answer is not None and answer.status_code == 200 else None

    def wait_until_ready(self, path: str, limit_s: float, check: Check) -> float:
        """Seconds from the start until `path` answered 200. Stops the server when it fails."""
        try:
            while not self._answers(path, limit_s):
                check()
                sleep(_POLL_S)
        except BaseException:
            self.stop()
            raise
        return monotonic() - self._began

    def _answers(self, path: str, limit_s: float) -> bool:
        if not self.alive():
            raise EngineFailed(
                f"{self.name} ended while starting ({self.ending()}).", log=self.log_tail()
            )
        if monotonic() - self._began > limit_s:
            raise EngineFailed(
                f"{self.name} was not ready within {limit_s:.0f} s.", log=self.log_tail()
            )
        answer = self.get(path)
        return answer is not None and answer.status_code == 200

    def ending(self) -> str:
        """How the process ended, in words."""
        code = self.process.returncode
        if code is None:
            return "its process is gone"
        return f"killed by signal {-code}" if code < 0 else f"exit status {code}"


def serve(
    name: str,
    argv: Sequence[str],
    launch: Launch,
    *,
    env: Mapping[str, str] | None = None,
) -> Server:
    """Starts `argv`, which is to listen on `launch.port`. Raises EngineFailed."""
    log_path = launch.work_dir / "engine.log"
    try:
        # The folder is named after run and attempt: so the log of any engine says whose it is.
        log_path.write_text(f"rigguide: run {launch.work_dir.name}\n")
        process = guard.spawn(
            list(argv), env={**os.environ, **(env or {})}, cwd=launch.work_dir, log_path=log_path
        )
    except (OSError, guard.GuardError) as error:
        raise EngineFailed(f"{name} could not be started: {error}.", log=tail(log_path)) from error
    return Server(name, f"http://127.0.0.1:{launch.port}", process, log_path)


def tail(path: Path, characters: int = 8000) -> str:
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return text[-characters:]

"""Starts the real thing: every process of `make run`, on a free port and its own data."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: Callable[[], object], *, within_s: float, every_s: float = 0.1) -> object:
    """The first true value of `what()`; fails when there is none in time."""
    deadline = time.monotonic() + within_s
    while not (value := what()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(every_s)
    return value


@dataclass
class RigGuide:
    process: subprocess.Popen[str]
    port: int
    data: Path
    output: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.output.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, pattern: str) -> psutil.Process:
        """The first process of ours whose command line matches."""
        found = [p for p in self.family() if re.search(pattern, " ".join(p.cmdline()))]
        assert found, f"no process matches {pattern!r}"
        return found[0]

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.said()
            return "this machine takes benchmark runs" in self.said()

        eventually(ready, within_s=300)

    def end(self, number: int = signal.SIGTERM, *, within_s: float = 120) -> int:
        self.process.send_signal(number)
        return self.process.wait(within_s)


def start(data: Path, *, port: int | None = None, out: IO[str] | None = None) -> RigGuide:
    data.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    output = data / "supervisor.out"
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    env |= {"PORT": str(port), "DATA_DIR": str(data)}
    env.pop("PYTHONDEVMODE", None)
    with output.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "guide.supervisor"],
            cwd=ROOT,
            env=env,
            stdout=out or sink,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return RigGuide(process, port, data, output)


@contextmanager
def running(data: Path) -> Iterator[RigGuide]:
    """Up when the block begins; nothing of it left when the block ends."""
    rig = start(data)
    try:
        rig.wait_until_ready()
        yield rig
    finally:
        family = rig.family() if rig.process.poll() is None else []
        if rig.process.poll() is None:
            rig.end()
        for left in [p for p in family if p.is_running()]:
            left.kill()

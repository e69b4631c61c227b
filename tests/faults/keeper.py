"""Starts programs, kills them outright, and starts them again a moment later, as a service would.

Only what it started itself is ever ended, by its pid. Everything it starts carries a mark in its
environment, inherited by every child, by which whatever is left over is found.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from guide.supervisor.parts import Part
from guide.supervisor.processes import Process

MARK = "RIGGUIDE_FAULTS"
GRACE_S = 30.0
"""To end when asked: whether it does is asked here, not how fast on a machine this busy."""


@dataclass
class Program:
    part: Part
    env: Mapping[str, str]
    process: Process | None = None
    again_at: float = 0.0
    wanted: bool = True
    exits: list[int] = field(default_factory=list)  # by itself, without having been killed

    @property
    def up(self) -> bool:
        return self.process is not None and self.process.exit_status is None

    def family(self) -> list[psutil.Process]:
        """It and all below it, engines in sessions of their own included."""
        if self.process is None:
            return []
        try:
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


class Keeper:
    def __init__(self, logs: Path, env: Mapping[str, str]) -> None:
        self.mark = uuid.uuid4().hex
        self.programs: dict[str, Program] = {}
        self._logs, self._env = logs, {**env, MARK: self.mark}
        logs.mkdir(parents=True, exist_ok=True)

    def add(self, part: Part, env: Mapping[str, str] | None = None) -> Program:
        program = Program(replace(part, grace_s=GRACE_S), {**self._env, **(env or {})})
        self.programs[part.name] = program
        self._start(program)
        return program

    def _start(self, program: Program) -> None:
        program.process = Process(program.part, program.env, self._logs)

    def kill(self, name: str, away_s: float) -> None:
        """SIGKILL to that process alone; what hangs on it must notice by itself."""
        program = self.programs[name]
        if program.up and program.process is not None:
            os.kill(program.process.pid, signal.SIGKILL)
            program.process.wait(10)
            program.process = None
        program.again_at = time.monotonic() + away_s

    def restart(self, name: str) -> None:
        """Asked to end, and started again once it has; how it ended counts for nothing here."""
        program = self.programs[name]
        if program.up and program.process is not None:
            program.process.ask_to_end()
            program.process.wait(program.part.grace_s)
            program.process.end_by_force()
            program.process, program.again_at = None, 0.0

    def look_after(self) -> None:
        """Starts again whatever is down and due."""
        for program in self.programs.values():
            if program.up or not program.wanted:
                continue
            if program.process is not None:  # it ended by itself
                program.exits.append(program.process.exit_status or 0)
                program.process, program.again_at = None, time.monotonic() + 1.0
            elif time.monotonic() >= program.again_at:
                self._start(program)

    def ask(self, name: str) -> None:
        """To end; others are asked before it is waited for."""
        program = self.programs[name]
        program.wanted = False
        if program.process is not None:
            program.process.ask_to_end()

    def end(self, name: str) -> int | None:
        """Asked nicely; the status it ended with, None where it had to be killed."""
        program = self.programs[name]
        program.wanted = False
        if program.process is None:
            return None
        program.process.ask_to_end()
        ended = program.process.wait(program.part.grace_s)
        status = program.process.exit_status
        program.process.end_by_force()
        return status if ended else None

    def log(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def left_over(self) -> list[psutil.Process]:
        """Processes with our mark that are no program of ours."""
        ours = {p.process.pid for p in self.programs.values() if p.process is not None}
        return [p for p in psutil.process_iter() if p.pid not in ours and self._marked(p)]

    def _marked(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE:
                return process.environ().get(MARK) == self.mark
        return False


def gone(processes: list[psutil.Process]) -> bool:
    return not any(_alive(process) for process in processes)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def words(process: psutil.Process) -> str:
    """Its command line; nothing of one that is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""

"""Starts parts so that they cannot outlive the supervisor, and ends them in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from guide.supervisor.parts import Part

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
POLL_S = 0.05


def die_with_parent() -> None:
    """Between fork and exec, say: should the parent be killed outright, this process goes too."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One running part: its own session, so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, part: Part, env: Mapping[str, str], logs: Path) -> None:
        self.part = part
        self.log = logs / f"{part.name}.log"
        with self.log.open("ab") as out:
            self._popen = subprocess.Popen(
                part.argv,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # safe: one thread, one system call
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_status(self) -> int | None:
        return self._popen.poll()

    def ask_to_end(self) -> None:
        if self._popen.poll() is None:
            self._popen.terminate()

    def end_by_force(self) -> None:
        """The whole session, also what a part that died first has left behind."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._popen.wait()

    def wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._popen.poll() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def end_all(processes: list[Process]) -> None:
    """Turn by turn; those of one turn end side by side."""
    for turn in sorted({process.part.ends for process in processes}):
        ending = [process for process in processes if process.part.ends == turn]
        for process in ending:
            process.ask_to_end()
        for process in ending:
            process.wait(process.part.grace_s)
            process.end_by_force()

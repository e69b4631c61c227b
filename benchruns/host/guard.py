"""Starts an engine such that nothing of it outlives us, not even after a SIGKILL.

No privileges are needed: a small guard process (`guard_process.py`) is the parent of the engine
and adopts whatever it leaves behind. The guard must not be SIGKILLed itself; should it be, the
kernel still ends the engine's first process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

_SCRIPT = Path(__file__).with_name("guard_process.py")
_START_LIMIT_S = 30.0
_KILL_LIMIT_S = 20.0


class GuardError(RuntimeError):
    """The guard did not start, or a process could not be killed."""


class GuardedProcess:
    """An engine's process tree. Leaving the `with` block ends all of it."""

    def __init__(self, guard: subprocess.Popen[bytes], link: socket.socket) -> None:
        self._guard = guard
        self._link = link
        self._lock = threading.RLock()
        self._unread = b""
        self._hung_up = False
        self.returncode: int | None = None
        self.pid = self._started()

    def _started(self) -> int:
        self._link.settimeout(_START_LIMIT_S)
        while b"\n" not in self._unread:
            self._receive()
            if self._hung_up:
                raise GuardError("the process guard ended before it started anything")
        self._link.setblocking(False)
        word, _, rest = self._next_line().partition(" ")
        if word == "error":
            number, _, name = rest.partition(" ")
            raise OSError(int(number), os.strerror(int(number)), name)
        return int(rest)

    def _next_line(self) -> str:
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def _receive(self) -> None:
        try:
            part = self._link.recv(4096)
        except ConnectionError:
            part = b""
        except TimeoutError:
            raise GuardError("the process guard did not start in time") from None
        self._unread += part
        self._hung_up = not part

    def alive(self) -> bool:
        """Whether the engine's first process runs. Sets `returncode` when it does not."""
        with self._lock:
            self._listen()
            return self.returncode is None and not self._hung_up

    def _listen(self) -> None:
        try:
            while not self._hung_up:
                self._receive()
        except BlockingIOError:
            pass  # nothing new
        while b"\n" in self._unread:
            self.returncode = int(self._next_line().split()[1])

    def stop(self, grace_s: float = 3.0) -> None:
        """SIGTERM to the engine, `grace_s` seconds to leave, then SIGKILL to its whole tree.

        Raises GuardError when something would not die. May be called again.
        """
        with self._lock:
            if self._guard.returncode is not None:
                return
            self._order(f"stop {grace_s}")
            self._finish(grace_s + _KILL_LIMIT_S)

    def _order(self, line: str) -> None:
        try:
            self._link.sendall(line.encode() + b"\n")
        except OSError:
            self._hung_up = True  # the guard has ended, its tree before it

    def _finish(self, limit_s: float) -> None:
        try:
            self._guard.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise GuardError(f"process {self.pid} or a child of it cannot be killed") from None
        if self._guard.returncode:
            _kill_tree(self.pid)
        self._listen()
        self._hung_up = True
        self._link.close()

    def __enter__(self) -> GuardedProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _kill_tree(pid: int) -> None:
    """For the case that the guard itself was killed."""
    try:
        root = psutil.Process(pid)
        tree = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        process.kill()
    psutil.wait_procs(tree, timeout=_KILL_LIMIT_S)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str,
    log_path: Path | str,
) -> GuardedProcess:
    """Starts `argv` in `cwd`; standard output and error are appended to `log_path`.

    `env` None: this process's own. Raises OSError as `subprocess.Popen` does (FileNotFoundError
    for a missing program), GuardError when the guard does not come up.
    """
    return _spawn(argv, env, cwd, log_path, portable=sys.platform != "linux")


def _spawn(
    argv: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: Path | str,
    log_path: Path | str,
    *,
    portable: bool,
) -> GuardedProcess:
    ours, theirs = socket.socketpair()
    with theirs, Path(log_path).open("ab") as log:
        guard = _start_guard(theirs, log.fileno(), portable=portable)
    spec = {
        "argv": [str(word) for word in argv],
        "env": dict(os.environ if env is None else env),
        "cwd": str(cwd),
        "portable": portable,
    }
    try:
        with suppress(ConnectionError):  # of a guard that ended already its answer tells, or none
            ours.sendall(json.dumps(spec).encode() + b"\n")
        return GuardedProcess(guard, ours)
    except BaseException:
        ours.close()
        guard.wait(_START_LIMIT_S)
        raise


def _start_guard(link: socket.socket, log: int, *, portable: bool) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C in a terminal must not end the guard before its tree."""
    # Without site-packages it starts in a few milliseconds; the portable way needs psutil.
    options = ["-I"] if portable else ["-I", "-S"]
    return subprocess.Popen(
        [sys.executable, *options, str(_SCRIPT)],
        stdin=link.fileno(),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )

"""The guard itself: run as a script by `benchruns.host.guard`, imports the standard library only.

It stands between us and an engine. Whatever the engine starts, however it detaches, falls to the
guard when its parent goes (child subreaper). End of file on standard input means that whoever
asked for the engine is gone, by SIGKILL perhaps: then the whole tree is killed.

Standard input is a socket. In: one line of JSON `{"argv", "env", "cwd", "portable"}`, later
perhaps `stop SECONDS`. Out: `pid N` or `error ERRNO TEXT`, later `exit CODE` (negative: signal).
Standard output and error are the log, and become the engine's.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any, Protocol

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GLANCE_S = 0.5  # how often the guard looks whether its parent is still the same
GLANCE_PORTABLE_S = 0.1
DEFAULTS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGCHLD", "SIGUSR1", "SIGUSR2")


class Tree(Protocol):
    """All that descends from the engine."""

    def look(self) -> None:
        """Take note of who is there now."""

    def kill(self) -> bool:
        """SIGKILL everybody; whether somebody may be left."""


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class ReapedTree:
    """Linux: orphans become the guard's own children, so "no child left" means nobody is left."""

    def __init__(self) -> None:
        prctl(PR_SET_CHILD_SUBREAPER, 1)

    def look(self) -> None:
        """Nothing to note: nobody can leave this tree."""

    def kill(self) -> bool:
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return has_children()


def has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in parents():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(root, ()))
    for pid in found:  # grows while it is walked
        found.extend(children.get(pid, ()))
    return found


def parents() -> list[tuple[int, int]]:
    """(pid, parent's pid) of every process."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            stat = (process / "stat").read_bytes()
            found.append((int(process.name), int(stat.rpartition(b")")[2].split()[1])))
    return found


class WatchedTree:
    """Elsewhere: whoever was seen below the engine, or is in its process group."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._seen: set[psutil.Process] = set()

    def look(self) -> None:
        for process in [self._psutil.Process(), *self._seen]:
            with contextlib.suppress(self._psutil.Error):
                self._seen.update(process.children(recursive=True))

    def kill(self) -> bool:
        self.look()
        for process in self._seen:
            with contextlib.suppress(self._psutil.Error):
                process.kill()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return any(process.is_running() for process in self._seen)


class Guard:
    def __init__(self, link: socket.socket, spec: dict[str, Any]) -> None:
        self.link = link
        self.portable = bool(spec["portable"])
        self.tree: Tree = WatchedTree() if self.portable else ReapedTree()
        self.parent = os.getppid()
        self.wake = wake_on_signals()
        self.code: int | None = None
        os.chdir(spec["cwd"])
        self.pid = start(spec["argv"], spec["env"])

    def serve(self) -> None:
        """Until the engine ends, somebody says stop, or nobody is there any more."""
        self.tell(f"pid {self.pid}")
        grace_s = self.watch()
        self.ask_to_leave(grace_s)
        while self.tree.kill():
            time.sleep(0.02)
        self.reap()
        if self.code is None:  # it was killed here, and reaped by the tree
            self.code = -signal.SIGKILL
            self.tell(f"exit {self.code}")

    def watch(self) -> float:
        """Returns the seconds the engine may take to leave by itself."""
        while self.running() and os.getppid() == self.parent:
            if self.link not in self.pause():
                continue
            order = self.link.recv(200).decode()
            return float(order.split()[1]) if order else 0.0
        return 0.0

    def ask_to_leave(self, grace_s: float) -> None:
        if not grace_s or not self.running():
            return
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + grace_s
        while self.running() and time.monotonic() < end and not self.hung_up():
            self.pause(end - time.monotonic())

    def hung_up(self) -> bool:
        """Whoever asked it to leave is gone by now."""
        ready = select.select([self.link], [], [], 0)[0]
        return bool(ready) and not self.link.recv(200, socket.MSG_PEEK)

    def running(self) -> bool:
        self.tree.look()
        return self.code is None and not self.reap()

    def reap(self) -> bool:
        """Reaps whoever ended; whether the engine did, which is told at once."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    self.code = os.waitstatus_to_exitcode(ended[1])
                    self.tell(f"exit {self.code}")
        return self.code is not None

    def pause(self, at_most_s: float = GLANCE_S) -> list[object]:
        glance_s = GLANCE_PORTABLE_S if self.portable else GLANCE_S
        watched = [self.link, self.wake]
        ready = select.select(watched, [], [], max(0.0, min(at_most_s, glance_s)))[0]
        if self.wake in ready:
            self.wake.recv(1000)
        return list(ready)

    def tell(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody is listening any more
            self.link.sendall(line.encode() + b"\n")


def wake_on_signals() -> socket.socket:
    """A socket that turns readable when a child ends. Ctrl-C is not for the guard."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return reader


def start(argv: list[str], env: dict[str, str]) -> int:
    """Forks and executes. Raises the OSError of the failed exec."""
    reader, writer = os.pipe()  # close-on-exec: end of file means that exec went well
    pid = os.fork()
    if pid == 0:
        become(argv, env, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as report:
        trouble = report.read()
    if trouble:
        os.waitpid(pid, 0)
        raise OSError(int(trouble), os.strerror(int(trouble)), argv[0])
    return pid


def become(argv: list[str], env: dict[str, str], trouble: int) -> None:
    """In the child: own session, signals as a shell would leave them, then the engine."""
    try:
        os.setsid()
        for name in DEFAULTS:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if hasattr(os, "pidfd_open"):  # Linux: should the guard itself be killed
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.execvpe(argv[0], argv, env)  # noqa: S606  (that there is no shell is the point)
    except OSError as error:
        os.write(trouble, str(error.errno).encode())
    finally:
        os._exit(127)


def read_line(link: socket.socket) -> str:
    line = b""
    while not line.endswith(b"\n"):
        part = link.recv(65536)
        if not part:
            raise SystemExit(0)  # nobody wants an engine any more
        line += part
    return line.decode()


def take_standard_input() -> socket.socket:
    """The socket moves away from descriptor 0, where the engine must not find it."""
    link = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return link


def main() -> None:
    link = take_standard_input()
    spec = json.loads(read_line(link))
    try:
        guard = Guard(link, spec)
    except OSError as error:
        link.sendall(f"error {error.errno} {error.filename or ''}\n".encode())
        return
    guard.serve()


if __name__ == "__main__":
    main()

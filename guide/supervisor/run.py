"""Starts the parts in the order they need one another and watches until one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import httpx
from django.core.exceptions import ImproperlyConfigured

from benchruns.host.exits import EXIT_REFUSED
from guide.environment import broker_socket, data_dir, number, text
from guide.supervisor import checks, parts, stamp
from guide.supervisor.processes import POLL_S, Process, end_all
from guide.supervisor.say import Stop, say

READY_WITHIN_S = 60.0


class Supervisor:
    """Owns every process it started; leaving `serve()` by any way ends them all."""

    def __init__(self, data: Path, port: int, processes_of_site: int = 1) -> None:
        self.data = data
        self.port = port
        self.processes_of_site = processes_of_site
        self.processes: list[Process] = []
        self.signal: int | None = None
        self.env = dict(os.environ) | parts.shared_metrics(data, processes_of_site)

    @property
    def address(self) -> str:
        return f"http://{checks.LOOPBACK}:{self.port}"

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.signal is not None:  # asked twice: no more waiting
            for process in self.processes:
                process.end_by_force()
        self.signal = number

    def start(self, part: parts.Part) -> Process:
        logs = self.data / "log"
        logs.mkdir(parents=True, exist_ok=True)
        process = Process(part, self.env, logs)
        self.processes.append(process)
        return process

    def serve(self) -> int:
        try:
            self._start_all()
            return self._watch()
        finally:
            say("stopping", "ending every part")
            end_all(self.processes)
            say("stopped", f"the data stays in {self.data}")

    def _start_all(self) -> None:
        self._start_broker()
        ready_before = stamp.is_fresh(self.data)
        if not ready_before:
            self._prepare()
        self.start(parts.site(checks.LOOPBACK, self.port, processes=self.processes_of_site))
        if ready_before:
            self._prepare()  # only makes sure, while the site starts
        self._until(self._site_answers, "the site")
        say("site", f"ready: {self.address}   (Ctrl-C ends everything)")
        self._offer_ownership()
        self.start(parts.worker())  # not earlier: the first page comes first
        self.start(parts.beat())
        self._start_host()
        self._build_host_package()

    def _prepare(self) -> None:
        from guide.supervisor.prepare import prepare  # Django is loaded once the broker is up

        prepare(self.data)

    def _start_broker(self) -> None:
        if os.environ.get("REDIS_URL"):
            say("broker", "using the one that REDIS_URL names")
            return
        socket = broker_socket(self.data)
        checks.folder_is_ours(socket.parent)
        socket.unlink(missing_ok=True)
        self.start(parts.broker(socket, self.data / "valkey"))
        self._until(socket.exists, "the broker")
        say("broker", "embedded Valkey, on a socket of its own")

    def _offer_ownership(self) -> None:
        """Until somebody owns the site, each start has a link for it; the last one is good."""
        from guide.supervisor.prepare import owner_link

        if link := owner_link(self.address):
            say("owner", f"nobody owns this site yet; this link makes one: {link}")

    def _start_host(self) -> None:
        from guide.supervisor.prepare import host_waits

        home = self.data / "host"
        self._attach(home)
        since = datetime.now(UTC)
        self.start(parts.host_worker(home, self.address))
        self._until(lambda: host_waits(home, since), "this machine's worker")
        say("host", "this machine takes benchmark runs")

    def _build_host_package(self) -> None:
        """What other machines install. Last: nobody waits for it, and without it all else works."""
        from guide.supervisor.prepare import host_package

        say("package", host_package(self.data))

    def _attach(self, home: Path) -> None:
        """By the same one-time code and command that any other machine uses."""
        from guide.supervisor.prepare import local_code

        code = local_code(home)
        if not code:
            return
        say("host", "attaching this machine")
        command = [*parts.RIGGUIDE, "attach", self.address, code, "--home", str(home)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Stop(f"attaching this machine failed: {(done.stderr or done.stdout).strip()}")

    def _site_answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=2, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _until(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            self._raise_if_ended()
            if time.monotonic() > deadline:
                raise Stop(
                    f"{what} did not answer within {READY_WITHIN_S:.0f} s; see {self.data}/log"
                )
            time.sleep(POLL_S)

    def _raise_if_ended(self) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        for process in list(self.processes):
            if process.exit_status == EXIT_REFUSED and process.part.name == "host":
                self.processes.remove(process)
                say("host", "this machine was detached; started anew it attaches itself again")
            elif process.exit_status is not None:
                raise Stop(_ended(process))

    def _watch(self) -> int:
        while True:
            self._raise_if_ended()
            time.sleep(0.2)


def _ended(process: Process) -> str:
    return (
        f"the {process.part.name} ended by itself with status {process.exit_status}, "
        f"so everything ends. The end of {process.log}:\n{process.log_tail()}"
    )


def _environment(data: Path, port: int) -> dict[str, str]:
    return {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "guide.settings",
        "PYTHONUNBUFFERED": "1",
    }


def main() -> int:
    root = Path(__file__).resolve().parent.parent.parent
    try:
        port = checks.port_number(text("PORT", "8000"))
        processes_of_site = number("SITE_PROCESSES", 1)
        data = data_dir(root)
        checks.data_dir_is_usable(data)
        checks.port_is_free(port)
        lock = checks.claim(data)
    except (Stop, ImproperlyConfigured) as stop:
        sys.stderr.write(f"rigguide  stopped   {stop}\n")
        return 1
    os.environ.update(_environment(data, port))
    supervisor = Supervisor(data, port, processes_of_site)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, supervisor.on_signal)
    try:
        return supervisor.serve()
    except KeyboardInterrupt:
        return 0
    except Stop as stop:
        sys.stderr.write(f"rigguide  stopped   {stop}\n")
        return 1
    finally:
        lock.close()

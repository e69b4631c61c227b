"""Puts the service of this system in its place and starts it, or takes it away again."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchruns.host.service import launchd, systemd
from benchruns.host.site_errors import HostError


class NoService(HostError):
    """This system has no service that could be installed here."""


@dataclass(frozen=True, slots=True)
class Service:
    """`start` and `stop` are commands that follow writing and precede removing the file."""

    path: Path
    text: str
    start: tuple[tuple[str, ...], ...]
    stop: tuple[tuple[str, ...], ...]
    watch: str


def worker_argv(home: Path, options: Sequence[str] = ()) -> tuple[str, ...]:
    """The command of the very installation that is running now."""
    return (sys.executable, "-m", "benchruns.host", "host", "--home", str(home), *options)


def service(argv: Sequence[str], home: Path, *, system: bool) -> Service:
    """Raises NoService."""
    if sys.platform == "darwin":
        return _launchd(argv, home)
    if sys.platform.startswith("linux"):
        return _of_machine(argv) if system else _of_person(argv)
    raise NoService("There is a service for Linux (systemd) and macOS (launchd) only.")


def _of_person(argv: Sequence[str]) -> Service:
    config = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    path = config / "systemd" / "user" / systemd.NAME
    control = ("systemctl", "--user")
    # Without lingering a person's services end when they log out.
    linger = ("loginctl", "enable-linger", getpass.getuser())
    return Service(
        path,
        systemd.unit(argv),
        start=(
            (*control, "daemon-reload"),
            (*control, "enable", "--now", systemd.NAME),
            linger,
        ),
        stop=((*control, "disable", "--now", systemd.NAME),),
        watch=f"journalctl --user -fu {systemd.NAME}",
    )


def _of_machine(argv: Sequence[str]) -> Service:
    return Service(
        Path("/etc/systemd/system") / systemd.NAME,
        systemd.unit(argv, user=os.environ.get("SUDO_USER") or getpass.getuser()),
        start=(
            ("systemctl", "daemon-reload"),
            ("systemctl", "enable", "--now", systemd.NAME),
        ),
        stop=(("systemctl", "disable", "--now", systemd.NAME),),
        watch=f"journalctl -fu {systemd.NAME}",
    )


def _launchd(argv: Sequence[str], home: Path) -> Service:
    path = Path.home() / "Library" / "LaunchAgents" / launchd.NAME
    log, domain = home / "host.log", f"gui/{os.getuid()}"
    return Service(
        path,
        launchd.job(argv, log),
        start=(("launchctl", "bootstrap", domain, str(path)),),
        stop=(("launchctl", "bootout", f"{domain}/{launchd.LABEL}"),),
        watch=f"tail -f {log}",
    )


def install(found: Service) -> None:
    """Written whole, then started. Raises NoService with what the system said."""
    if shutil.which(found.start[0][0]) is None:
        raise NoService(f"There is no {found.start[0][0]} here, so no service was installed.")
    try:
        found.path.parent.mkdir(parents=True, exist_ok=True)
        found.path.write_text(found.text)
    except OSError as error:
        raise NoService(f"{found.path} cannot be written: {error.strerror}.") from error
    _run(found.start)


def remove(found: Service) -> bool:
    """Whether there was one."""
    if not found.path.exists():
        return False
    _run(found.stop)
    found.path.unlink()
    return True


def _run(commands: Sequence[Sequence[str]]) -> None:
    for argv in commands:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
            raise NoService(f"{' '.join(argv)} failed: {said}")

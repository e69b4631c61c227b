"""What must hold before anything starts. Each failure is one sentence that says what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from guide.supervisor.say import Stop

MIN_FREE_MIB = 500
LOOPBACK = "127.0.0.1"


def port_number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Stop(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise Stop(f"port {port} needs root; start with PORT=8000 or above.") from None
        except OSError:
            raise Stop(
                f"port {port} is in use by another program; "
                f"end it, or start with another one: PORT={port + 1} make run"
            ) from None


def data_dir_is_usable(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"DATA_DIR {data} cannot be made: {error.strerror}.") from None
    if not os.access(data, os.W_OK):
        raise Stop(f"DATA_DIR {data} cannot be written; choose another: DATA_DIR=… make run")
    free_mib = shutil.disk_usage(data).free // 2**20
    if free_mib < MIN_FREE_MIB:
        raise Stop(
            f"the disk of {data} has {free_mib} MiB free; RigGuide needs {MIN_FREE_MIB} MiB. "
            "Free some, or choose another place: DATA_DIR=… make run"
        )


def folder_is_ours(folder: Path) -> None:
    """The broker's socket may lie in the shared temporary folder: nobody else may own its place."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Stop(f"{folder} belongs to another user; choose a shorter DATA_DIR.")


def claim(data: Path) -> IO[str]:
    """One supervisor per data folder; the lock goes with the process, however it ends."""
    lock = (data / "running.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Stop(
            f"RigGuide already runs on {data}; end it, or choose another DATA_DIR."
        ) from None
    return lock

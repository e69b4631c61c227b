"""Keeps the folder of synthetic weights small: what was not used for longest goes first."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """While the block lasts nobody trims that file, in whatever process; it counts as used now."""
    if not path.is_file():  # an engine without weights
        yield
        return
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.access(path, os.W_OK):
            os.utime(path)
        yield


def trim(where: Path, most_bytes: float) -> None:
    """Removes files, those unused for longest first, until at most `most_bytes` are left.

    What is in use stays, even where that is more.
    """
    files = sorted(where.glob("*.gguf"), key=lambda path: path.stat().st_mtime)
    whole = sum(path.stat().st_size for path in files)
    for path in files:
        if whole <= most_bytes:
            return
        size = path.stat().st_size
        if _remove(path):
            whole -= size


def _remove(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink(missing_ok=True)
    log.info("weights not used for longest are removed: %s", path.name)
    return True

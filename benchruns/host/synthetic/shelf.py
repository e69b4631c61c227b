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
    files = [(path.stat(), path) for path in where.glob("*.gguf")]
    whole = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda file: file[0].st_mtime):
        if whole > most_bytes and _remove(path):
            whole -= stat.st_size


def _remove(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    except OSError as error:  # no reason for a worker to end
        log.warning("weights cannot be removed: %s", error)
        return False
    log.info("weights not used for longest are removed: %s", path.name)
    return True

"""Keeps the folder of synthetic weights small: what was not used for longest goes first."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = ".hf"  # how a Hugging Face folder's name ends


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """While the block lasts nobody trims that file or folder, in whatever process; it counts as
    used now.
    """
    handle = _handle(path)
    if not handle.is_file():  # an engine without weights
        yield
        return
    with handle.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.access(handle, os.W_OK):
            os.utime(handle)
        yield


def _handle(path: Path) -> Path:
    """The file that stands for all of it when it is locked and dated."""
    return path / "config.json" if path.is_dir() else path


def trim(where: Path, most_bytes: float) -> None:
    """Removes files and folders, those unused for longest first, until at most `most_bytes` are
    left. What is in use stays, even where that is more.
    """
    kept = [path for pattern in ("*.gguf", f"*{FOLDER}") for path in where.glob(pattern)]
    sizes = {path: _size(path) for path in kept}
    whole = sum(sizes.values())
    for path in sorted(kept, key=_used):
        if whole > most_bytes and _remove(path):
            whole -= sizes[path]


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _used(path: Path) -> float:
    handle = _handle(path)
    return handle.stat().st_mtime if handle.exists() else 0.0


def _remove(path: Path) -> bool:
    try:
        with _handle(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _unlink(path)
    except BlockingIOError:
        return False
    except OSError as error:  # no reason for a worker to end
        log.warning("weights cannot be removed: %s", error)
        return False
    log.info("weights not used for longest are removed: %s", path.name)
    return True


def _unlink(path: Path) -> None:
    """A folder loses its name first: half of one must not be taken for whole."""
    if path.is_dir():
        part = path.with_name(f".{path.name}.{os.getpid()}.hfpart")
        path.rename(part)
        shutil.rmtree(part)
    else:
        path.unlink(missing_ok=True)

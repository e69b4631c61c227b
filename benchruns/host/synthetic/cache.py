"""Synthetic files are made once per shape and kept. A file that has its name is whole."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import gguf
from benchruns.host.synthetic.layout import weights_bytes
from benchruns.host.synthetic.shape import Shape

GIB = 2**30
SPARE_BYTES = GIB // 2  # disk that is left to others
_SYNC_BYTES = 64 * 2**20
_PART = re.compile(r"\.(\d+)\.part$")


def directory() -> Path:
    """`DATA_DIR/weights` where DATA_DIR is set, else below the user's cache."""
    data = os.environ.get("DATA_DIR")
    base = Path(data) if data else Path.home() / ".cache" / "rigguide"
    return base / "weights"


def digest(shape: Shape, quant: str, seed: int) -> str:
    """Names the bytes: the same for the same shape, quantisation, seed and generator."""
    spec = {**shape.spec(), "quant": quant, "seed": seed, "generator": gguf.GENERATOR}
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()


def path_of(where: Path, name: str, shape: Shape, quant: str, seed: int) -> Path:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    return where / f"{plain}-{quant}-{digest(shape, quant, seed)[:12]}.gguf"


def provide(
    where: Path,
    name: str,
    shape: Shape,
    quant: str,
    *,
    seed: int = 1,
    wrote: Callable[[int, int], None] = lambda _done, _whole: None,
) -> Path:
    """The file, made if it is not there. `wrote(done, whole)` in bytes; may raise to stop.

    Raises CannotMeasure when the disk is too small or the shape impossible.
    """
    path, whole = path_of(where, name, shape, quant, seed), weights_bytes(shape, quant)
    if path.exists() and path.stat().st_size >= whole:
        return path
    where.mkdir(parents=True, exist_ok=True)
    _sweep(where)
    _check_disk(where, whole)
    _make(path, shape, quant, seed, lambda done: wrote(done, whole))
    return path


def _sweep(where: Path) -> None:
    """Removes what makers who are gone left half-written."""
    for part in where.glob("*.part"):
        found = _PART.search(part.name)
        if found and not psutil.pid_exists(int(found[1])):
            part.unlink(missing_ok=True)


def _check_disk(where: Path, whole: int) -> None:
    free = shutil.disk_usage(where).free
    if free < whole + SPARE_BYTES:
        raise CannotMeasure(
            f"The synthetic weights need {whole / GIB:.1f} GiB of disk and {SPARE_BYTES / GIB:.1f} "
            f"GiB beside them; {where} has {free / GIB:.1f} GiB free."
        )


def _make(path: Path, shape: Shape, quant: str, seed: int, wrote: Callable[[int], None]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        gguf.write(part, shape, quant, seed=seed, wrote=_Syncing(part, wrote))
        part.replace(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise CannotMeasure(f"The disk became full while writing {path.name}.") from error
    finally:
        part.unlink(missing_ok=True)


class _Syncing:
    """Sends what was written to the disk bit by bit: it is durable before the file gets its name,
    no single step is long enough to hold up a cancel, and no write-back disturbs what is measured.
    """

    def __init__(self, path: Path, wrote: Callable[[int], None]) -> None:
        self.path, self.wrote, self.synced = path, wrote, 0

    def __call__(self, done: int) -> None:
        self.wrote(done)
        if done - self.synced >= _SYNC_BYTES:
            self.synced = done
            _sync(self.path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

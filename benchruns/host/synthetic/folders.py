"""Synthetic Hugging Face folders, made once per shape and kept. One that has its name is whole."""

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
from benchruns.host.synthetic import hf, safetensors
from benchruns.host.synthetic.cache import GIB, SPARE_BYTES
from benchruns.host.synthetic.shape import Shape
from benchruns.host.synthetic.shelf import FOLDER

GENERATOR = 1  # part of every name: raise it when the bytes change
_PART = re.compile(r"\.(\d+)\.hfpart$")
_SYNC_BYTES = 64 * 2**20


def path_of(
    where: Path, name: str, shape: Shape, quant: str, *, weights: bool, seed: int = 1
) -> Path:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    kind = quant if weights else f"{quant}-no-weights"
    spec = {**shape.spec(), "quant": quant, "weights": weights, "seed": seed, "of": GENERATOR}
    digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
    return where / f"{plain}-{kind}-{digest[:12]}{FOLDER}"


def provide(
    where: Path,
    name: str,
    shape: Shape,
    quant: str,
    *,
    weights: bool,
    seed: int = 1,
    wrote: Callable[[int, int], None] = lambda _done, _whole: None,
) -> Path:
    """The folder, made if it is not there. `wrote(done, whole)` in bytes; may raise to stop.

    Without `weights` it is for engines that make up their own (`--load-format dummy`). Raises
    CannotMeasure when the disk is too small or the model is none that can be made.
    """
    path = path_of(where, name, shape, quant, weights=weights, seed=seed)
    if path.is_dir():
        return path
    hf.check(shape, quant)
    whole = safetensors.weights_bytes(shape) if weights else 0
    where.mkdir(parents=True, exist_ok=True)
    _sweep(where)
    _check_disk(where, whole)
    part = where / f".{path.name}.{os.getpid()}.hfpart"
    try:
        _make(part, shape, quant, seed, (lambda done: wrote(done, whole)) if weights else None)
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return path


def _make(
    part: Path, shape: Shape, quant: str, seed: int, wrote: Callable[[int], None] | None
) -> None:
    part.mkdir()
    try:
        hf.write(part, shape, quant)
        if wrote is not None:
            file = part / safetensors.NAME
            safetensors.write(file, shape, quant, seed=seed, wrote=_Syncing(file, wrote))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise CannotMeasure(f"The disk became full while writing {part.name}.") from error


class _Syncing:
    """To the disk bit by bit: no step long enough to hold up a cancel or disturb a measurement."""

    def __init__(self, path: Path, wrote: Callable[[int], None]) -> None:
        self.path, self.wrote, self.synced = path, wrote, 0

    def __call__(self, done: int) -> None:
        self.wrote(done)
        if done - self.synced >= _SYNC_BYTES:
            self.synced = done
            handle = os.open(self.path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)


def _sweep(where: Path) -> None:
    """Removes what makers who are gone left half-written."""
    for part in where.glob(".*.hfpart"):
        found = _PART.search(part.name)
        if found and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(part, ignore_errors=True)


def _check_disk(where: Path, whole: int) -> None:
    free = shutil.disk_usage(where).free
    if free < whole + SPARE_BYTES:
        raise CannotMeasure(
            f"The synthetic weights need {whole / GIB:.1f} GiB of disk and {SPARE_BYTES / GIB:.1f} "
            f"GiB beside them; {where} has {free / GIB:.1f} GiB free."
        )

"""A small disk that can be filled: a tmpfs of its own, so that nothing else notices."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 256 * 1024
_LEAST = 512


class Disk:
    """`real` is False where this user may mount nothing: then it cannot be filled."""

    def __init__(self, path: Path, *, real: bool) -> None:
        self.path, self.real = path, real
        self._filler = path / "filler"

    def fill(self) -> None:
        """Until not even a few bytes fit any more."""
        with self._filler.open("ab", buffering=0) as file:
            size = _BLOCK
            while size >= _LEAST:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 8

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextlib.contextmanager
def mounted(path: Path, mib: int) -> Iterator[Disk]:
    path.mkdir(parents=True, exist_ok=True)
    real = os.getuid() == 0 and _mount(path, mib)
    try:
        yield Disk(path, real=real)
    finally:
        if real:
            # Lazily: a process that is just dying may still hold a file there.
            subprocess.run(["umount", "-l", str(path)], check=True)


def _mount(path: Path, mib: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0

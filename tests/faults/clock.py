"""A wall clock that jumps, for chosen processes only: `wall_clock.c`, steered by a file."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("wall_clock.c")


def built(folder: Path) -> Path | None:
    """The library; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    library = folder / "wall_clock.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    return library


class Clock:
    """Of one machine: its processes see the wall clock `offset_s` ahead, others do not."""

    def __init__(self, file: Path, library: Path | None) -> None:
        self._file, self._library = file, library
        self.offset_s = 0
        file.write_bytes(struct.pack("=q", 0))

    @property
    def real(self) -> bool:
        return self._library is not None

    def jump(self, to_s: int) -> None:
        """In place: processes have the file open."""
        self.offset_s = to_s
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", to_s))

    @property
    def env(self) -> dict[str, str]:
        if self._library is None:
            return {}
        return {"LD_PRELOAD": str(self._library), "WALL_CLOCK_FILE": str(self._file)}

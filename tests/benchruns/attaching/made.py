"""A site's data folder with a package in it, small and quick."""

from __future__ import annotations

import zipfile
from pathlib import Path

from benchruns.attaching.wheel import FOLDER, Wheel, found

NAME = "rigguide-0.1.0-py3-none-any.whl"


def package(data: Path) -> Wheel:
    """As `build` leaves it, without what a real one holds."""
    (data / FOLDER).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(data / FOLDER / NAME, "w") as wheel:
        wheel.writestr("benchruns/host/nothing.py", "")
    there = found(data)
    assert there is not None
    return there


def wheelhouse(data: Path, *names: str) -> None:
    folder = data / "wheelhouse"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())

"""Wheels that the site gives to hosts which reach no package index: its own small one (PEP 503).

Empty unless somebody filled it (`manage.py wheelhouse`). Names are checked against what lies in the
folder, so that no address leads out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchruns.attaching.wheel import sha256

FOLDER: Final = "wheelhouse"


@dataclass(frozen=True, slots=True)
class Kept:
    path: Path
    project: str  # as PEP 503 normalises it

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def sha256(self) -> str:
        told = self.path.stat()
        return sha256(self.path, told.st_size, told.st_mtime_ns)


def normalised(project: str) -> str:
    return re.sub(r"[-_.]+", "-", project).lower()


def kept(data: Path) -> Iterator[Kept]:
    for path in sorted((data / FOLDER).glob("*.whl")):
        yield Kept(path, normalised(path.name.split("-")[0]))


def projects(data: Path) -> list[str]:
    return sorted({one.project for one in kept(data)})


def of_project(data: Path, project: str) -> list[Kept]:
    return [one for one in kept(data) if one.project == project]


def named(data: Path, name: str) -> Kept | None:
    return next((one for one in kept(data) if one.name == name), None)

"""Was this very code prepared on this data before? Needs no Django: it is asked first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("static", "recommender", "guide/migrations", "benchruns/migrations")
NAME = "prepared"


def leave(data: Path) -> None:
    (data / NAME).write_text(_state())


def is_fresh(data: Path) -> bool:
    """Then the site may start while preparing only makes sure."""
    left = data / NAME
    return left.exists() and left.read_text() == _state()


def fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _state() -> str:
    """Code, data and which database; hashed, for its address may hold a password."""
    files = [file for name in FOLDERS for file in (ROOT / name).rglob("*") if _counts(file)]
    database = os.environ.get("DATABASE_URL", "")
    return hashlib.sha256(f"{database} {fingerprint(files)}".encode()).hexdigest()


def _counts(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts

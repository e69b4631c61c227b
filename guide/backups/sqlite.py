"""SQLite: copied page by page by its own backup interface, beside readers and writers."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from django.db import connection

from guide.backups.manifest import BackupError


def _own() -> Path:
    return Path(connection.settings_dict["NAME"])


def _opened(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, timeout=30))


def dump(to: Path) -> None:
    """One consistent moment, whoever writes meanwhile."""
    with _opened(_own()) as source, _opened(to) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def check(data: Path, tables: list[str]) -> dict[str, int]:
    """Opens a copy as a restored site would; the rows it holds. Raises BackupError."""
    address = f"file:{data}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as copy:
        try:
            (said,) = copy.execute("PRAGMA integrity_check").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"The copy cannot be read: {error}.") from error
        if said != "ok" or broken:
            raise BackupError(f"The copy is not whole: {said}, {len(broken)} broken references.")
        return {name: _rows(copy, name) for name in tables if _has(copy, name)}


def _has(copy: sqlite3.Connection, table: str) -> bool:
    found = copy.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", [table])
    return found.fetchone() is not None


def _rows(copy: sqlite3.Connection, table: str) -> int:
    (count,) = copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - our own
    return int(count)


def load(data: Path) -> None:
    """In place of what is there, in one step: readers see the old or the new."""
    connection.close()
    _own().parent.mkdir(parents=True, exist_ok=True)
    with _opened(data) as copy, _opened(_own()) as target:
        copy.backup(target)

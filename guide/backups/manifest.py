"""What a backup says of itself: read before anything of it is used."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, Literal

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = 1
NAME: Final = "manifest.json"
DATA: Final = "database"


class BackupError(Exception):
    """Why there is no backup, or why this one is not restored; a sentence."""


class Manifest(BaseModel):
    """`migrations`: those that were applied, "app.name". `rows`: of each of our tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    rigguide: str
    made_at: datetime
    vendor: Literal["sqlite", "postgresql"]
    migrations: tuple[str, ...]
    rows: dict[str, Annotated[int, Field(ge=0)]]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def of_this_site(data: Path, rows: dict[str, int]) -> Manifest:
    vendor = connection.vendor
    if vendor not in {"sqlite", "postgresql"}:
        raise BackupError(f"There are no backups of {vendor}, only of SQLite and PostgreSQL.")
    return Manifest(
        rigguide=version("rigguide"),
        made_at=datetime.now(UTC),
        vendor=vendor,
        migrations=tuple(sorted(applied())),
        rows=rows,
        sha256=digest(data),
    )


def applied() -> set[str]:
    done = MigrationRecorder(connection).applied_migrations()
    return {f"{app}.{name}" for app, name in done}


def unknown(manifest: Manifest) -> list[str]:
    """Migrations that only a later release has; those of apps that are gone do not matter."""
    disk = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in disk.disk_migrations}
    known |= {f"{a}.{n}" for m in disk.disk_migrations.values() for a, n in m.replaces}
    apps_here = {app for app, _ in disk.disk_migrations}
    return [name for name in manifest.migrations if name not in known and _app(name) in apps_here]


def _app(name: str) -> str:
    return name.partition(".")[0]


def tables() -> list[str]:
    """Of our own models and of accounts, sorted."""
    return sorted(connection.introspection.django_table_names(include_views=False))


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(2**20):
            found.update(part)
    return found.hexdigest()

"""One file for the whole site: what it is of, and the database. It holds no key and no token.

Hosts' tokens lie in the database as hashes only. The site's SECRET_KEY is not in it: without the
same key, people have to sign in again, and no more.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from django.core.management import call_command
from django.db import connection
from pydantic import ValidationError

from guide.backups import postgresql, sqlite
from guide.backups.manifest import (
    DATA,
    NAME,
    BackupError,
    Manifest,
    digest,
    of_this_site,
    tables,
    unknown,
)


def write(to: Path, *, checked: bool = True) -> Manifest:
    """Raises BackupError; then there is no file of that name."""
    if to.exists():
        raise BackupError(f"{to} is there already; a backup never overwrites anything.")
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".backup-") as folder:
        data = Path(folder) / DATA
        _ways().dump(data)
        rows = _ways().check(data, tables()) if checked else {}
        manifest = of_this_site(data, rows)
        whole = Path(folder) / "whole"
        _pack(whole, manifest, data)
        whole.replace(to)
    return manifest


def read(path: Path) -> Manifest:
    """What a backup says of itself, once it was held against its own checksum."""
    with _opened(path) as (manifest, _):
        return manifest


def restore(path: Path, *, replace: bool = False) -> Manifest:
    """Puts the database back as it was and brings it up to this release. Raises BackupError."""
    with _opened(path) as (manifest, data):
        _check(manifest, replace=replace)
        _ways().load(data)
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _check(manifest: Manifest, *, replace: bool) -> None:
    if manifest.vendor != connection.vendor:
        raise BackupError(
            f"This is a backup of {manifest.vendor}; this site keeps its data in "
            f"{connection.vendor}."
        )
    if later := unknown(manifest):
        raise BackupError(
            f"This backup was made by a later release ({manifest.rigguide}, with {later[0]}); "
            "restore it with that release."
        )
    if not replace and _in_use():
        raise BackupError(
            "There is something in this site's database already; say --replace to lose it."
        )


def _in_use() -> bool:
    from benchruns.models import Host, Run

    if not connection.introspection.django_table_names(only_existing=True):
        return False
    return Run.objects.exists() or Host.objects.exists()


def _ways() -> ModuleType:
    return sqlite if connection.vendor == "sqlite" else postgresql


def _pack(to: Path, manifest: Manifest, data: Path) -> None:
    said = to.with_name(NAME)
    said.write_text(manifest.model_dump_json(indent=1))
    with tarfile.open(to, "w:gz") as archive:
        for path in (said, data):
            archive.add(path, path.name)
    to.chmod(0o600)  # whatever is private on the site is in it


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Manifest, Path]]:
    with tempfile.TemporaryDirectory(prefix="rigguide-restore-") as folder:
        try:
            with tarfile.open(path) as archive:
                for name in (NAME, DATA):
                    archive.extract(name, folder, filter="data")
            manifest = Manifest.model_validate_json((Path(folder) / NAME).read_text())
        except (OSError, tarfile.TarError, KeyError, EOFError) as error:
            raise BackupError(f"{path} is no backup of RigGuide ({error}).") from error
        except ValidationError as error:
            raise BackupError(f"{path} says nothing that this release understands.") from error
        data = Path(folder) / DATA
        if digest(data) != manifest.sha256:
            raise BackupError(f"{path} was damaged: its checksum is another.")
        yield manifest, data

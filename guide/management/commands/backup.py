"""`manage.py backup FILE`: the whole database in one file, checked by restoring it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guide.backups import archive
from guide.backups.manifest import BackupError


class Command(BaseCommand):
    help = "Writes the database to one file while the site runs, and checks that it comes back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--no-check", action="store_true", help="Do not restore it to check.")

    def handle(self, *_: Any, file: Path, no_check: bool, **__: Any) -> None:
        try:
            told = archive.write(file, checked=not no_check)
        except BackupError as error:
            raise CommandError(str(error)) from error
        rows = sum(told.rows.values())
        how = "not checked" if no_check else f"restored to check: {rows} rows"
        self.stdout.write(f"{file}: {told.vendor} of RigGuide {told.rigguide}, {how}")

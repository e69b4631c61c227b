"""`manage.py restore FILE`: the database as it was in a backup, brought up to this release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guide.backups import archive
from guide.backups.manifest import BackupError


class Command(BaseCommand):
    help = "Puts a backup in place of the database. End the site, its worker and beat before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="Lose what is there.")

    def handle(self, *_: Any, file: Path, replace: bool, **__: Any) -> None:
        try:
            told = archive.restore(file, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        when = f"{told.made_at:%Y-%m-%d %H:%M} UTC"
        self.stdout.write(f"restored: RigGuide {told.rigguide}, {when}, and migrated to this one")

"""Builds the package that machines install from this site. `make run` does it by itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchruns.attaching.wheel import NotBuilt, build


class Command(BaseCommand):
    help = "Build the wheel that attached machines install; fast where it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        try:
            wheel = build(settings.BASE_DIR, settings.DATA_DIR)
        except NotBuilt as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{wheel.name}  sha256 {wheel.sha256}")

"""Fills the site's own package index, for hosts that reach this site and nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from benchruns.attaching import locked, wheelhouse


class Command(BaseCommand):
    help = (
        "Download the locked wheels that hosts need into this site's own package index. Without "
        "options for machines like this one; repeat it for each other kind of machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", help="such as manylinux_2_28_aarch64, macosx_14_0_arm64")
        parser.add_argument("--python-version", help="such as 3.13; not this one's")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        lock = settings.BASE_DIR / locked.FILE
        if not lock.is_file():
            raise CommandError(f"There is no {lock} to know the packages from.")
        folder = settings.DATA_DIR / wheelhouse.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
        argv += ["--require-hashes", "--no-deps", "--dest", str(folder), "-r", str(lock)]
        for name in ("platform", "python_version"):
            if options[name]:
                argv += [f"--{name.replace('_', '-')}", options[name]]
        if subprocess.run(argv, check=False).returncode:
            raise CommandError("pip did not get them all; what it said stands above.")
        count = len(list(wheelhouse.kept(settings.DATA_DIR)))
        self.stdout.write(f"{count} wheels in {folder}: machines may install from this site alone.")

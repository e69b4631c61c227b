"""Gives the supervisor a one-time code for this machine, unless it is attached already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from benchruns.enrolment import make_code
from benchruns.local import attached_from
from benchruns.models import Team


class Command(BaseCommand):
    help = "Print a one-time code that attaches this machine; print nothing when it is attached."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--home", type=Path, required=True, help="where the host keeps its token"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        host = attached_from(options["home"])
        if host is not None:
            self.stderr.write(f"This machine is attached already, as {host.name}.")
            return
        self.stdout.write(make_code(Team.embedded(), local=True, accepts_visitors=True))

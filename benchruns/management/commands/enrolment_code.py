"""Makes a one-time code for another machine of the site's own team."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from benchruns.enrolment import CODE_LIVES, make_code
from benchruns.models import Team


class Command(BaseCommand):
    help = "Print a one-time code that attaches one machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--visitors", action="store_true", help="the machine takes runs that visitors start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        self.stdout.write(make_code(Team.embedded(), accepts_visitors=options["visitors"]))
        minutes = int(CODE_LIVES.total_seconds() // 60)
        self.stderr.write(f"Works once, within {minutes} minutes.")

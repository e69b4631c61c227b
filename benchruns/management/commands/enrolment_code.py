"""Makes a one-time code for another machine of the site's own team."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from benchruns.attaching.script import commands
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
        code = make_code(Team.embedded(), accepts_visitors=options["visitors"])
        self.stdout.write(code)
        minutes = int(CODE_LIVES.total_seconds() // 60)
        self.stderr.write(f"Works once, within {minutes} minutes. On the other machine:")
        for command in commands(settings.SITE_URL, code):
            self.stderr.write(f"  {command.text}\n    ({command.title})")

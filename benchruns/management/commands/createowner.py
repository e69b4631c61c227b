"""Makes somebody the owner of the site's own team: by a link, or an account that there is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from benchruns import audit
from benchruns.models import Membership, Role, Team
from benchruns.teams.invitations import SETUP_LIVES, invite_first_owner


class Command(BaseCommand):
    help = "Print a one-time link that makes the owner of this site; or, with --user, make one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", help="an account that there is; it becomes owner at once")
        parser.add_argument("--site", help="address the link begins with", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if options["user"]:
            self._promote(options["user"])
            return
        token = invite_first_owner()
        if not token:
            self.stderr.write("This site has an owner: they invite others on the page of the team.")
            return
        site = (options["site"] or settings.SITE_URL).rstrip("/")
        self.stdout.write(f"{site}{reverse('invitation', args=[token])}")
        hours = int(SETUP_LIVES.total_seconds() // 3600)
        self.stderr.write(f"Works once, within {hours} hours; links made before do not any more.")

    def _promote(self, name: str) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}.")
        team = Team.embedded()
        Membership.objects.update_or_create(user=user, team=team, defaults={"role": Role.OWNER})
        audit.record(None, team, "member.role", name, now=Role.OWNER)
        self.stdout.write(f"{name} is an owner of {team}.")

"""Teams begin, are renamed and end."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from benchruns import audit, outcomes
from benchruns.enrolment import revoke
from benchruns.models import EnrolmentCode, Host, Invitation, Membership, Role, Run, Team
from benchruns.models.teams import EMBEDDED_SLUG
from benchruns.states import TERMINAL
from benchruns.teams.refused import TeamRefused

LONGEST: Final = 80
MOST_OWNED: Final = 20


@transaction.atomic
def make(owner: User, name: str) -> Team:
    """A new team with that one owner. Raises TeamRefused."""
    if Membership.objects.filter(user=owner, role=Role.OWNER).count() >= MOST_OWNED:
        raise TeamRefused(f"You own {MOST_OWNED} teams already, which is the most.")
    name = plain(name)
    team = Team.objects.create(name=name, slug=_free_slug(name))
    Membership.objects.create(user=owner, team=team, role=Role.OWNER)
    audit.record(owner, team, "team.made", name)
    return team


@transaction.atomic
def rename(actor: User, team: Team, name: str) -> None:
    """Its address stays, for links lead there. Raises TeamRefused."""
    name, before = plain(name), team.name
    Team.objects.filter(pk=team.pk).update(name=name)
    audit.record(actor, team, "team.renamed", name, before=before)


@transaction.atomic
def delete(actor: User, team: Team, typed: str) -> None:
    """Its hosts are revoked first, what waits is cancelled, nobody is a member any more.

    The row stays, and with it what was measured: whoever could see it as the public still can.
    Raises TeamRefused.
    """
    if team.is_embedded:
        raise TeamRefused("This team owns the machine this site runs on; it cannot be deleted.")
    check_typed(team, typed)
    for host in Host.objects.attached().filter(team=team):
        revoke(host, actor)
    for run in Run.objects.filter(team=team).exclude(state__in=TERMINAL):
        outcomes.request_cancel(run)
    now = timezone.now()
    EnrolmentCode.objects.filter(team=team, used_at=None).update(expires_at=now)
    Invitation.objects.filter(team=team, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    audit.record(actor, team, "team.deleted", team.name)
    Membership.objects.filter(team=team).delete()
    gone = {"deleted_at": now, "slug": f"{team.slug[:30]}-{team.pk}-deleted", "offered_to": None}
    Team.objects.filter(pk=team.pk).update(**gone)


def check_typed(team: Team, typed: str) -> None:
    """What cannot be undone is done by whoever types the team's name. Raises TeamRefused."""
    if typed.strip() != team.name:
        raise TeamRefused(f"Type the team's name, {team.name}, exactly as it stands here.")


def plain(name: str) -> str:
    """One line of 1 to 80 printable characters. Raises TeamRefused."""
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name)
    name = " ".join(printable.split())
    if not name or len(name) > LONGEST:
        raise TeamRefused(f"A team's name has 1 to {LONGEST} characters; this has {len(name)}.")
    return name


def _free_slug(name: str) -> str:
    base = slugify(name)[:40].strip("-") or "team"
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    # The site's own team is made when it is first needed: until then nobody may take its place.
    taken.add(EMBEDDED_SLUG)
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug

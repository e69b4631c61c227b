"""Attaching and detaching machines."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from benchruns import audit, schedules, trust, wake
from benchruns.credentials import hashed, new_code, new_token
from benchruns.live import news
from benchruns.models import EnrolmentCode, Host, Run, Team
from benchruns.models.teams import Person
from benchruns.states import HELD
from benchruns.storable import without_nul

CODE_LIVES: Final = timedelta(minutes=15)


class CodeRefused(Exception):
    """Unknown, used and expired codes look alike."""


def make_code(
    team: Team,
    *,
    local: bool = False,
    accepts_visitors: bool = False,
    made_by: User | None = None,
) -> str:
    """A one-time code in clear text. It is shown once: only its hash is kept."""
    code = new_code()
    EnrolmentCode.objects.create(
        team=team,
        code_hash=hashed(code),
        local=local,
        accepts_visitors=accepts_visitors,
        made_by=made_by,
        expires_at=timezone.now() + CODE_LIVES,
    )
    return code


@transaction.atomic
def enrol(code: str, name: str, facts: Any, engines: Any) -> tuple[Host, str]:
    """The new host and its token in clear text. Raises CodeRefused."""
    ticket = _use(code)
    token = new_token()
    host = Host.objects.create(
        team=ticket.team,
        name=free_name(ticket.team, name),
        token_hash=hashed(token),
        local=ticket.local,
        accepts_visitors=ticket.accepts_visitors,
        facts=without_nul(facts),
        engines=without_nul(engines),
        last_seen_at=timezone.now(),
        probed_at=timezone.now(),
    )
    EnrolmentCode.objects.filter(pk=ticket.pk).update(host=host)
    audit.record(ticket.made_by, ticket.team, "host.attached", host.name)
    news.host_changed(host)
    return host, token


def _use(code: str) -> EnrolmentCode:
    now = timezone.now()
    codes = EnrolmentCode.objects.filter(code_hash=hashed(code), used_at=None, expires_at__gt=now)
    codes = codes.filter(team__deleted_at=None)
    found = codes.select_related("team").first()
    if found is None:
        raise CodeRefused
    # By its key alone, so that the update itself looks at `used_at` again: a filter over the
    # team would make it a subquery, which PostgreSQL does not ask anew after a wait for the row.
    if not EnrolmentCode.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
        raise CodeRefused
    return found


def plain_name(name: str) -> str:
    """One line of at most 80 printable characters."""
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name)
    return " ".join(printable.split())[:80] or "host"


def free_name(team: Team, wanted: str) -> str:
    """`wanted`, or `wanted (2)` … where the team has a host of that name already."""
    base = plain_name(wanted)
    taken = set(Host.objects.filter(team=team).values_list("name", flat=True))
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base[:72]} ({number})"
    return name


def revoke(host: Host, by: Person | None = None) -> None:
    """Its token stops working at once and what it held goes back; its history stays, but bears
    nothing out any more."""
    now = timezone.now()
    with transaction.atomic():
        Host.objects.filter(pk=host.pk, revoked_at=None).update(revoked_at=now)
        Run.objects.filter(host=host, state__in=HELD).update(lease_until=now)
        audit.record(by, host.team, "host.revoked", host.name)
        wake.on_commit(host.team_id)
        news.host_changed(host)
    trust.host_left(host)


@transaction.atomic
def update_facts(host: Host, facts: Any, engines: Any) -> None:
    """What the machine is now. A new version of an engine starts what waits for it."""
    now, engines = timezone.now(), without_nul(engines)
    Host.objects.filter(pk=host.pk).update(
        facts=without_nul(facts), engines=engines, last_seen_at=now, probed_at=now
    )
    schedules.new_versions(host, host.engines, engines)
    news.host_changed(host)

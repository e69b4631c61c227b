"""What a team's admins do with a host: rename, pause, let it leave. Each is in the audit log."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from benchruns import audit, enrolment, wake
from benchruns.live import news
from benchruns.models import Host, Run
from benchruns.models.teams import Person
from benchruns.states import HELD


class NameTaken(Exception):
    """The team has a host of that name."""


@transaction.atomic
def rename(host: Host, name: str, by: Person | None) -> None:
    """Raises NameTaken."""
    plain, old = enrolment.plain_name(name), host.name
    if plain == old:
        return
    if Host.objects.filter(team=host.team, name=plain).exists():
        raise NameTaken
    Host.objects.filter(pk=host.pk).update(name=plain)
    audit.record(by, host.team, "host.renamed", plain, was=old)
    news.host_changed(host)


@transaction.atomic
def pause(host: Host, by: Person | None) -> None:
    """What it has in hand it finishes; it is given nothing new."""
    if Host.objects.filter(pk=host.pk, paused=False).update(paused=True):
        audit.record(by, host.team, "host.paused", host.name)
        news.host_changed(host)


@transaction.atomic
def resume(host: Host, by: Person | None) -> None:
    if Host.objects.filter(pk=host.pk, paused=True).update(paused=False):
        audit.record(by, host.team, "host.resumed", host.name)
        wake.on_commit(host.team_id)
        news.host_changed(host)


def detach(host: Host, by: Person | None) -> None:
    """It may finish what it has in hand; then its token ends. What it measured stays."""
    if not _holds(host):
        enrolment.revoke(host, by)
        return
    with transaction.atomic():
        Host.objects.filter(pk=host.pk, leaving_at=None).update(leaving_at=timezone.now())
        audit.record(by, host.team, "host.leaving", host.name)
        wake.on_commit(host.team_id)


def has_left(host: Host) -> bool:
    """Ends the token of a host that was to leave and has nothing in hand any more."""
    if host.leaving_at is None or _holds(host):
        return False
    enrolment.revoke(host)
    return True


def _holds(host: Host) -> bool:
    return Run.objects.filter(host=host, state__in=HELD).exists()

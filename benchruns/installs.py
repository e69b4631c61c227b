"""Asking a host to install an engine: a run of its own kind, in the same queue."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from benchruns import audit, wake
from benchruns.host.order import Installable, InstallOrder
from benchruns.live import news
from benchruns.models import Host, Run
from benchruns.models.runs import Kind
from benchruns.models.teams import NOBODY, Person
from benchruns.permits import Act, may
from benchruns.services import RunRefused, asked_by, check_limits
from benchruns.sharing import in_force
from benchruns.states import TERMINAL


def offers(host: Host) -> tuple[Installable, ...]:
    """What that machine would install, as it last told."""
    return tuple(Installable.model_validate(offer) for offer in host.installs)


def may_install(host: Host, person: Person = NOBODY) -> bool:
    """Visitors where the site and the host let them, else who may attach hosts to its team."""
    if host.revoked_at is not None or not host.installs:
        return False
    visitors = bool(settings.OPEN_INSTALLS) and host.accepts_visitors and host.team.is_embedded
    return visitors or may(person, host.team, Act.ATTACH)


def request_install(
    host: Host, engine: str, provider: str, *, person: Person = NOBODY, requester: str = ""
) -> Run:
    """Queues one of the host's own offers. Raises RunRefused. One that is under way is given."""
    if host.installs and not may_install(host, person):
        raise RunRefused(403, f"You cannot have engines installed on {host.name}.")
    order = _order(host, engine, provider)
    with transaction.atomic():
        under_way = Run.objects.filter(
            kind=Kind.INSTALL, wanted_host=host, plan=order.model_dump(mode="json")
        ).exclude(state__in=TERMINAL)
        if (same := under_way.first()) is not None:
            return same
        check_limits(host.team, requester)
        run = Run.objects.create(
            team=host.team,
            wanted_host=host,
            kind=Kind.INSTALL,
            plan=order.model_dump(mode="json"),
            engine=engine,
            model="",
            quant="",
            visibility=in_force("", host.team, host),
            **asked_by(person, host, requester),
        )
        audit.record(person, host.team, "install.requested", engine, host=host.name)
        wake.on_commit(host.team_id)
        news.run_waits(run)
    return run


def _order(host: Host, engine: str, provider: str) -> InstallOrder:
    for offer in offers(host):
        if (offer.engine, offer.provider) == (engine, provider):
            return InstallOrder(engine=engine, provider=provider, version=offer.version)
    known = ", ".join(f"{o.engine} ({o.provider})" for o in offers(host)) or "nothing"
    raise RunRefused(
        409, f"{host.name} does not offer to install {engine!r} ({provider!r}); it offers {known}."
    )

"""Whose run a host is given: the rule of `fair.py` on the rows of the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, Min, QuerySet, Value, When
from django.utils import timezone

from benchruns.models import Host, MachineTime, Run
from benchruns.queueing.fair import VISITORS, Flow, Served, Shares, counted, next_flow

WITHIN_FLOW: Final = ("-priority", "turn", "requested_at", "pk")
"""As `fair.within_flow` sorts."""


def flow_at(host: Host) -> Case:
    """Whose account a run goes on at that host: its team's, or that of all its visitors."""
    visitors = When(by_visitor=True, team_id=host.team_id, then=Value(VISITORS))
    return Case(visitors, default=F("team_id"), output_field=BigIntegerField())


def next_run(host: Host, claimable: QuerySet[Run], now: datetime | None = None) -> UUID | None:
    """The run whose turn it is of those this host could take; None where there is none.

    One query while nothing waits. The shares are settled only when something does.
    """
    runs = claimable.annotate(flow=flow_at(host))
    oldest = dict(runs.order_by().values_list("flow").annotate(Min("requested_at")))
    if not oldest:
        return None
    shares = settle(host, oldest, now or timezone.now())
    mine = runs.filter(flow=next_flow(shares, oldest)).order_by(*WITHIN_FLOW)
    return mine.values_list("pk", flat=True).first()


def settle(host: Host, waiting: Mapping[Flow, datetime], now: datetime) -> Shares:
    """The host's shares with all that ended counted and newcomers level, also kept."""
    kept = _kept(host, now)
    served = _served(host, kept.settled_at, now)
    shares = counted(shares_of(kept), served, waiting).level(waiting)
    # Of two claims of the same host at once one keeps its count; the other's was the same.
    MachineTime.objects.filter(pk=kept.pk, version=kept.version).update(
        used_s={str(flow): seconds for flow, seconds in shares.used_s.items()},
        floor_s=shares.floor_s,
        settled_at=now,
        version=F("version") + 1,
    )
    return shares


def shares_now(host: Host, waiting: Mapping[Flow, datetime], now: datetime) -> Shares:
    """As `settle` would find them; nothing is written."""
    kept = MachineTime.objects.filter(host=host).first()
    if kept is None:
        return Shares()
    return counted(shares_of(kept), _served(host, kept.settled_at, now), waiting)


def shares_of(kept: MachineTime) -> Shares:
    return Shares({int(flow): s for flow, s in kept.used_s.items()}, kept.floor_s)


def _kept(host: Host, now: datetime) -> MachineTime:
    kept, _ = MachineTime.objects.get_or_create(host=host, defaults={"settled_at": now})
    return kept


def _served(host: Host, since: datetime, until: datetime) -> list[Served]:
    """What ended in between and when it had the machine. Uploads (attempt 0) never had it."""
    ended = Run.objects.filter(
        host=host, attempt__gt=0, finished_at__gt=since, finished_at__lte=until
    ).exclude(claimed_at=None)
    rows = ended.annotate(flow=flow_at(host)).values_list("flow", "claimed_at", "finished_at")
    return [Served(flow, began, ended) for flow, began, ended in rows if began and ended]

"""Who holds a run: claim, heartbeat, release, and what the end of a lease does.

Every change is a filtered update whose count is checked. The host and its `attempt` are part of the
filter, so that a host which lost its lease cannot touch the run of the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from benchruns import accepting, wake
from benchruns.host.plan import PROTOCOL
from benchruns.models import Host, Run
from benchruns.models.runs import Kind
from benchruns.states import HELD, State, advance

log = logging.getLogger(__name__)

MOST_RELEASES: Final = 20
"""A machine that hands a run back again and again must not do so for ever."""

GRACE: Final = timedelta(minutes=5)
"""A host ends a measurement by itself when its time is over; this is for one that does not."""

NOTHING_YET: Final = {
    "phase": "",
    "message": "",
    "point": None,
    "points": None,
    "clients": None,
    "tok_s": None,
    "fraction": None,
    "started_at": None,
}


class NotHeld(Exception):
    """The run is not, or no longer, this host's with that attempt."""


def lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.RUN_LEASE_S)


def claimable(
    host: Host,
    engines: Collection[str],
    protocol: int = PROTOCOL,
    installs: Collection[str] = (),
) -> QuerySet[Run]:
    """Queued runs this host may take, would not refuse and, by the protocol it speaks, can read;
    oldest first.

    `installs`: engines it would install. A host of an earlier release names none, so it is never
    given such a run.
    """
    here = Q(kind=Kind.MEASURE, engine__in=engines) | Q(kind=Kind.INSTALL, engine__in=installs)
    runs = Run.objects.filter(here, state=State.QUEUED, team_id=host.team_id)
    runs = runs.filter(Q(wanted_host=None) | Q(wanted_host=host))
    if protocol < PROTOCOL:
        runs = runs.filter(plan__protocol__lte=protocol)
    if not host.accepts_visitors:
        runs = runs.filter(by_visitor=False)
    return accepting.only(host, runs).order_by("requested_at")


def claim(
    host: Host,
    engines: Collection[str],
    protocol: int = PROTOCOL,
    installs: Collection[str] = (),
) -> Run | None:
    """The oldest run this host may take, now its own; None when there is none."""
    if host.paused or host.leaving_at is not None:
        return None
    while (
        found := claimable(host, engines, protocol, installs).values_list("pk", flat=True).first()
    ) is not None:
        if _take(found, host):
            return Run.objects.get(pk=found)
    return None


def _take(run: UUID, host: Host) -> int:
    now = timezone.now()
    return advance(
        Run.objects.filter(pk=run),
        State.CLAIMED,
        host=host,
        attempt=F("attempt") + 1,
        attempts_left=F("attempts_left") - 1,
        claimed_at=now,
        lease_until=lease_end(now),
        **NOTHING_YET,
    )


def held(run: UUID, host: Host, attempt: int) -> QuerySet[Run]:
    """That run while this host holds it with that attempt; empty otherwise."""
    return Run.objects.filter(pk=run, host=host, attempt=attempt, state__in=HELD)


def own(run: UUID, host: Host, attempt: int) -> Run:
    """The run this host holds with that attempt. Raises NotHeld.

    A host whose lease ended, perhaps because it was the site that was away, has its run back as
    long as nobody else took it: the attempt grows with every claim, so it still fences.
    """
    runs = held(run, host, attempt)
    row = runs.first()
    if row is None and _resume(run, host, attempt):
        row = runs.first()
    if row is None:
        raise NotHeld
    return row


def _resume(run: UUID, host: Host, attempt: int) -> int:
    """Costs an attempt, so that a host that comes and goes does not do so for ever."""
    now = timezone.now()
    lost = Run.objects.filter(pk=run, host=host, attempt=attempt, state=State.QUEUED)
    return advance(
        lost,
        State.CLAIMED,
        attempts_left=F("attempts_left") - 1,
        claimed_at=now,
        lease_until=lease_end(now),
    )


def heartbeat(run: UUID, host: Host, attempt: int) -> bool:
    """Keeps the lease. True when the host should cancel. Raises NotHeld."""
    now = timezone.now()
    row, runs = own(run, host, attempt), held(run, host, attempt)
    if _overdue(row, host, now) or not runs.update(lease_until=lease_end(now)):
        raise NotHeld
    Host.objects.filter(pk=host.pk).update(last_seen_at=now)
    return row.cancel_requested


def _overdue(row: Run, host: Host, now: datetime) -> bool:
    """Ends a run whose host is alive but for far longer than the plan gave it."""
    limit = timedelta(seconds=row.limit_s) + GRACE
    if row.claimed_at is None or now < row.claimed_at + limit:
        return False
    reason = f"{host.name} worked on this for more than {limit}, which is longer than it was given."
    advance(held(row.pk, host, row.attempt), State.FAILED, reason=reason, **_ended(now))
    return True


def release(run: UUID, host: Host, attempt: int) -> None:
    """Back into the queue, the attempt not counted; a run that was to be cancelled ends here."""
    runs = held(run, host, attempt)
    if _end_if_cancelled(runs):
        return
    if attempt >= MOST_RELEASES:
        ended = _expire(runs, f"It was taken up and handed back {attempt} times.")
    else:
        ended = _requeue(runs, attempts_left=F("attempts_left") + 1, host=None)
    if not ended:
        raise NotHeld
    wake.on_commit(host.team_id)


def expire_leases(now: datetime | None = None) -> int:
    """Puts runs whose lease ended back into the queue, or ends them. How many it touched."""
    now = now or timezone.now()
    late = Run.objects.filter(state__in=HELD, lease_until__lt=now).select_related("host")
    return sum(_lease_ended(run, now) for run in late)


def _lease_ended(run: Run, now: datetime) -> int:
    runs = Run.objects.filter(pk=run.pk, attempt=run.attempt, lease_until__lt=now)
    if _end_if_cancelled(runs):
        return 1
    name = run.host.name if run.host else "its machine"
    if run.attempts_left > 0:
        log.warning("run %s: %s stopped answering, back into the queue", run.pk, name)
        moved = _requeue(runs)
        wake.on_commit(run.team_id)
        return moved
    log.warning("run %s: %s stopped answering, no attempt left", run.pk, name)
    return _expire(
        runs,
        f"{name} stopped answering while it worked on this, "
        f"and {settings.RUN_MAX_ATTEMPTS} attempts were made.",
    )


def _requeue(runs: QuerySet[Run], **changes: object) -> int:
    """A wish to cancel may have come since it was last looked for: then the run ends."""
    moved = advance(
        runs.filter(cancel_requested=False),
        State.QUEUED,
        lease_until=None,
        claimed_at=None,
        **NOTHING_YET,
        **changes,
    )
    return moved or _end_if_cancelled(runs)


def _expire(runs: QuerySet[Run], reason: str) -> int:
    return advance(runs, State.EXPIRED, reason=reason, **_ended(timezone.now()))


def _ended(now: datetime) -> dict[str, Any]:
    return {"lease_until": None, "finished_at": now}


def _end_if_cancelled(runs: QuerySet[Run]) -> int:
    asked = runs.filter(cancel_requested=True)
    return advance(asked, State.CANCELLED, **_ended(timezone.now()))

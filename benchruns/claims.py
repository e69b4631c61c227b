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

from benchruns import accepting, metered, wake
from benchruns.host.plan import PROTOCOL
from benchruns.host.schema.vitals import Vitals
from benchruns.live import news
from benchruns.models import Host, Run
from benchruns.models.runs import Kind
from benchruns.queueing.forecast import expected
from benchruns.queueing.turns import WITHIN_FLOW, next_run
from benchruns.states import HELD, State, advance
from benchruns.storable import without_nul

log = logging.getLogger(__name__)

MOST_RELEASES: Final = 20
"""A machine that hands a run back again and again must not do so for ever."""

GRACE: Final = timedelta(minutes=5)
"""A host ends a measurement by itself when its time is over; this is for one that does not."""

CLOCKS: Final = timedelta(seconds=5)
"""What the clocks of several site processes may differ."""

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
    """Queued runs this host may take, would not refuse and, by the protocol it speaks, can read.

    `installs`: engines it would install. A host of an earlier release names none, so it is never
    given such a run.
    """
    here = Q(kind=Kind.MEASURE, engine__in=engines) | Q(kind=Kind.INSTALL, engine__in=installs)
    runs = Run.objects.filter(here, _for(host), state=State.QUEUED)
    runs = runs.filter(Q(ready_at=None) | Q(ready_at__lte=timezone.now()))
    if protocol < PROTOCOL:
        runs = runs.filter(plan__protocol__lte=protocol)
    if not host.accepts_visitors:
        runs = runs.filter(by_visitor=False)
    return accepting.only(host, runs).order_by(*WITHIN_FLOW)


def _for(host: Host) -> Q:
    """Its own team's; where it is open to visitors also what other teams ask of it by name."""
    own = Q(team_id=host.team_id) & (Q(wanted_host=None) | Q(wanted_host=host))
    return own | Q(wanted_host=host) if host.accepts_visitors else own


def claim(
    host: Host,
    engines: Collection[str],
    protocol: int = PROTOCOL,
    installs: Collection[str] = (),
) -> Run | None:
    """The run whose turn it is of those this host may take, now its own; None if there is none."""
    if host.paused or host.leaving_at is not None:
        return None
    while (found := next_run(host, claimable(host, engines, protocol, installs))) is not None:
        if _take(found, host):
            return _taken(found, host)
    return None


def _taken(pk: UUID, host: Host) -> Run:
    run = Run.objects.get(pk=pk)
    run.expected_s = expected(run, host)
    Run.objects.filter(pk=pk, attempt=run.attempt).update(expected_s=run.expected_s)
    news.run_moved(pk, host)
    return run


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
        ready_at=None,
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
        ready_at=None,
    )


def heartbeat(run: UUID, host: Host, attempt: int, vitals: Vitals | None = None) -> bool:
    """Keeps the lease. True when the host should cancel. Raises NotHeld.

    `vitals`: how the machine is just now, where it said so.
    """
    now = timezone.now()
    row, runs = own(run, host, attempt), held(run, host, attempt)
    if _overdue(row, host, now) or not runs.update(lease_until=lease_end(now)):
        raise NotHeld
    Host.objects.filter(pk=host.pk).update(last_seen_at=now, **vital_columns(vitals, now))
    if vitals is not None:
        news.host_changed(host)
    return row.cancel_requested


def vital_columns(vitals: Vitals | None, now: datetime) -> dict[str, Any]:
    """Nothing where a host said nothing: what it said before stays, with its time."""
    return {} if vitals is None else {"vitals": without_nul(vitals.model_dump()), "vitals_at": now}


def _overdue(row: Run, host: Host, now: datetime) -> bool:
    """Ends a run whose host is alive but for far longer than the plan gave it."""
    limit = timedelta(seconds=row.limit_s) + GRACE
    if row.claimed_at is None or now < row.claimed_at + limit:
        return False
    reason = f"{host.name} worked on this for more than {limit}, which is longer than it was given."
    advance(held(row.pk, host, row.attempt), State.FAILED, reason=reason, **_ended(now))
    news.run_moved(row.pk, host)
    return True


def release(run: UUID, host: Host, attempt: int) -> None:
    """Back into the queue, the attempt not counted; a run that was to be cancelled ends here."""
    _release(held(run, host, attempt), attempt)
    wake.on_commit(host.team_id)
    news.run_moved(run, host)


def _release(runs: QuerySet[Run], attempt: int) -> None:
    if _end_if_cancelled(runs):
        return
    if attempt >= MOST_RELEASES:
        ended = _expire(runs, f"It was taken up and handed back {attempt} times.")
    else:
        ended = _requeue(runs, attempts_left=F("attempts_left") + 1, host=None)
    if not ended:
        raise NotHeld


def expire_leases(now: datetime | None = None) -> int:
    """Puts runs whose lease ended back into the queue, or ends them. How many it touched."""
    now = now or timezone.now()
    odd = Q(lease_until__lt=now) | Q(lease_until__gt=lease_end(now) + CLOCKS)
    found = Run.objects.filter(odd, state__in=HELD).select_related("host")
    return sum(_lease_ended(run, now) for run in found if not _shortened(run, now))


def _shortened(run: Run, now: datetime) -> bool:
    """No lease lasts longer than a whole one from now, unless this machine's clock was set back.

    Left alone, the run of a host that died would wait for as long as the clock had been ahead.
    """
    if run.lease_until is None or run.lease_until < now:
        return False
    held = Run.objects.filter(pk=run.pk, lease_until=run.lease_until, state__in=HELD)
    held.update(lease_until=lease_end(now))
    return True


def _lease_ended(run: Run, now: datetime) -> int:
    touched = _lost(run, now)
    if run.host is not None:
        news.run_moved(run.pk, run.host)
    return touched


def _lost(run: Run, now: datetime) -> int:
    runs = Run.objects.filter(pk=run.pk, attempt=run.attempt, lease_until__lt=now)
    if _end_if_cancelled(runs):
        return 1
    name = run.host.name if run.host else "its machine"
    again = run.attempts_left > 0
    moved = _requeue(runs, ready_at=_ready_at(run, now)) if again else _give_up(runs, name)
    if not moved:
        return 0  # its host was back just now, or another process was quicker
    metered.count("lease_expiries")
    what = "back into the queue" if again else "no attempt left"
    log.warning("run %s: %s stopped answering, %s", run.pk, name, what)
    if again:
        wake.on_commit(run.host.team_id if run.host else run.team_id)
    return moved


def _give_up(runs: QuerySet[Run], name: str) -> int:
    return _expire(
        runs,
        f"{name} stopped answering while it worked on this, "
        f"and {settings.RUN_MAX_ATTEMPTS} attempts were made.",
    )


def _ready_at(run: Run, now: datetime) -> datetime | None:
    """Lost once, it may go on at once. Lost again, it may be the run that ends its hosts: each
    further try waits twice as long as the one before, and a lease at least.
    """
    lost = settings.RUN_MAX_ATTEMPTS - run.attempts_left
    if lost < 2:
        return None
    return now + timedelta(seconds=settings.RUN_LEASE_S * 2 ** (lost - 2))


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

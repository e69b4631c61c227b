"""Runs that come by themselves: by the clock, or when a host has a new version of an engine.

A schedule's turn is taken by a filtered update of `next_at`, in one transaction with the run that
comes of it; each run also bears the occasion it came of, once per schedule. So several beats, site
processes and hosts may find the same schedule due, and one run comes of it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from pydantic import ValidationError

from benchruns import accepting, audit, wake
from benchruns.host.plan import Plan
from benchruns.host.presets import named
from benchruns.live import news
from benchruns.models import Host, Run, Schedule
from benchruns.models.runs import Priority
from benchruns.services import (
    RunRefused,
    check_limits,
    check_preset,
    check_readable,
    not_measurable,
    plan_for,
)
from benchruns.sharing import in_force
from benchruns.states import State

log = logging.getLogger(__name__)

NO_HOST: Final = "No machine of {team} that it may use can start {engine}."
WAITS: Final = "Its last run still waits for {host}; another one comes when that was taken up."
FAULT: Final = "No run came of it, by a fault of this site ({kind}); its log says more."


def start_due(now: datetime | None = None) -> list[Run]:
    """The runs of all schedules that are due. What was missed while nobody looked comes once."""
    now = now or timezone.now()
    due = Schedule.objects.due(now).select_related("team", "host")
    started = (_start_one(schedule, now) for schedule in due)
    return [run for run in started if run is not None]


@transaction.atomic
def _start_one(schedule: Schedule, now: datetime) -> Run | None:
    due = schedule.next_at
    assert due is not None
    taken = Schedule.objects.filter(pk=schedule.pk, next_at=due, paused=False)
    if not taken.update(next_at=schedule.after(now), last_at=now, said=""):
        return None  # another process was quicker, or it was paused just now
    host = _host_of(schedule)
    return _run(schedule, host, f"{due:%Y-%m-%dT%H:%MZ}", waits=_waits(schedule, host))


def _waits(schedule: Schedule, host: Host | None) -> bool:
    """A host that is switched off would find a run of each day that it was."""
    return Run.objects.filter(schedule=schedule, wanted_host=host, state=State.QUEUED).exists()


def new_versions(
    host: Host, before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[Run]:
    """The runs of schedules that wait for a new version of an engine this host now has.

    `before` and `now`: what it told of its engines, as in `Host.engines`.
    """
    changed = {engine["id"]: engine for engine in now if _is_new(engine, before)}
    waiting = Schedule.objects.filter(
        Q(host=None) | Q(host=host),
        team=host.team_id,
        on_new_version=True,
        paused=False,
        engine__in=changed,
    ).select_related("team")
    started = (_on_version(schedule, host, changed[schedule.engine]) for schedule in waiting)
    return [run for run in started if run is not None]


def _is_new(engine: Mapping[str, Any], before: Collection[Mapping[str, Any]]) -> bool:
    """Installed, and not so before. The same version by another provider is another program."""
    if not engine["provider"] or not engine["version"]:
        return False
    what = (engine["id"], engine["provider"], engine["version"])
    return all((old["id"], old["provider"], old["version"]) != what for old in before)


@transaction.atomic
def _on_version(schedule: Schedule, host: Host, engine: Mapping[str, Any]) -> Run | None:
    version = f"{engine['provider']} {engine['version']}"[:90]
    occasion = f"host {host.pk}, {version}"
    if Run.objects.filter(schedule=schedule, occasion=occasion).exists():
        return None  # it came and went: measured already
    Schedule.objects.filter(pk=schedule.pk).update(last_at=timezone.now(), said="")
    return _run(schedule, host, occasion)


def _run(
    schedule: Schedule, host: Host | None, occasion: str, *, waits: bool = False
) -> Run | None:
    """Why there is none is kept with the schedule, for whoever looks.

    `waits`: one that came of it before has not been taken up yet.
    """
    try:
        if host is None:
            raise RunRefused(409, NO_HOST.format(team=schedule.team, engine=schedule.engine))
        if waits:
            raise RunRefused(409, WAITS.format(host=host.name))
        return _request(schedule, host, occasion)
    except RunRefused as refused:
        log.warning("schedule %s: no run: %s", schedule.pk, refused.reason)
        said = refused.reason
    except (IntegrityError, ValidationError) as error:  # those that come after it have their turn
        log.exception("schedule %s: no run", schedule.pk)
        said = FAULT.format(kind=type(error).__name__)
    Schedule.objects.filter(pk=schedule.pk).update(said=said)
    return None


def _request(schedule: Schedule, host: Host, occasion: str) -> Run:
    """Queues it and wakes the host. Raises RunRefused."""
    plan = _plan(schedule, host)
    with transaction.atomic():
        check_limits(schedule.team, "")
        run = Run.objects.create(
            team=schedule.team,
            wanted_host=host,
            plan=plan.model_dump(mode="json"),
            engine=plan.engine,
            model=plan.model,
            quant=plan.quant,
            visibility=in_force("", schedule.team, host),
            note=f"By a schedule: {schedule.when}.",
            by_visitor=False,
            priority=Priority.SCHEDULED,
            schedule=schedule,
            occasion=occasion,
        )
        what = {"engine": run.engine, "model": run.model, "host": host.name}
        audit.record(None, schedule.team, "run.requested", run.pk, **what)
        wake.on_commit(host.team_id)
        news.run_waits(run)
    return run


def _plan(schedule: Schedule, host: Host) -> Plan:
    if host.revoked_at is not None:
        raise RunRefused(409, f"{host.name} was detached; choose another machine.")
    plan = plan_for(schedule.engine, schedule.model, schedule.quant, host, schedule.preset)
    check_readable(plan, host)
    if why := accepting.refusal(host, plan):
        raise RunRefused(409, f"{host.name} would refuse this. {why}")
    return plan


def check_schedulable(engine: str, model: str, quant: str, preset: str, host: Host | None) -> None:
    """Raises RunRefused for what could never be measured, there or anywhere."""
    check_preset(preset)
    try:
        named(preset, engine=engine, model=model, quant=quant)
    except (ValueError, ValidationError) as error:
        raise RunRefused(400, f"This cannot be measured: {error}") from error
    if host is not None and (why := not_measurable(model, quant, host)):
        raise RunRefused(409, why)


def _host_of(schedule: Schedule) -> Host | None:
    """None where there is none that could take it: a run would wait for ever."""
    host = schedule.host or _any_host(schedule)
    return host if host is not None and schedule.engine in host.measures else None


def _any_host(schedule: Schedule) -> Host | None:
    """One that answers before one that does not, then the one with least to do."""
    hosts = Host.objects.attached().filter(team=schedule.team_id, paused=False)
    able = [host for host in hosts if schedule.engine in host.measures]
    return min(able, key=lambda host: (not host.live, _to_do(host), host.pk), default=None)


def _to_do(host: Host) -> int:
    return Run.objects.filter(state=State.QUEUED, wanted_host=host).count()


def set_paused(schedule: Schedule, *, paused: bool, now: datetime | None = None) -> None:
    """A schedule that goes on again is due at its next time, not at those that went by."""
    now = now or timezone.now()
    due = None if paused else schedule.after(now)
    Schedule.objects.filter(pk=schedule.pk).update(paused=paused, next_at=due, said="")

"""Starting a comparison: one engine's settings, or two engines, in turns on one host."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from benchruns.comparing.find import usable
from benchruns.host.compare.arms import Arm, shared_quant
from benchruns.host.compare.ratio import FEWEST
from benchruns.host.compare.rounds import order
from benchruns.host.plan import Plan
from benchruns.host.presets import named
from benchruns.models import Host, Run, Team, Visibility
from benchruns.models.runs import Kind
from benchruns.models.teams import NOBODY, Person
from benchruns.permits import Act, may
from benchruns.services import RunRefused, not_measurable, request_plan

ROUNDS: Final = FEWEST
SETTINGS: Final = ("tuned", "as-shipped")


def why_not(run: Run) -> str:
    """Why nothing can be measured beside this run; "" where something can."""
    if run.kind != Kind.MEASURE or usable(run) is None:
        return "This has no result that anything could be compared with."
    if run.host is None:
        return "The machine that measured this is gone."
    return not_measurable(run.model, run.quant, run.host)


def against_settings(run: Run) -> tuple[Arm, ...]:
    """The run's engine as shipped and set for the load. Raises RunRefused."""
    plan = _measured(run)
    return tuple(Arm(plan.engine, plan.provider, variant) for variant in SETTINGS)


def against_engine(run: Run, engine: str) -> tuple[Arm, ...]:
    """Raises RunRefused, also where it is the run's own engine."""
    plan = _measured(run)
    if engine == plan.engine:
        raise RunRefused(400, f"engine: {engine!r} is what this run measured; name another.")
    return (Arm(plan.engine, plan.provider, plan.variant), Arm(engine, None, plan.variant))


def _measured(run: Run) -> Plan:
    if why := why_not(run):
        raise RunRefused(409, why)
    return run.what


def others(run: Run) -> tuple[str, ...]:
    """Engines that the run's host could be asked to measure beside it."""
    return tuple(e for e in run.host.measures if e != run.engine) if run.host else ()


def start(
    run: Run, arms: tuple[Arm, ...], *, person: Person = NOBODY, requester: str = ""
) -> tuple[Run, ...]:
    """Queues all rounds in their order, all or none; quick ones, for there are many of them.

    They are of the run's team and hidden as it is. Raises RunRefused.
    """
    host = _host(run)
    seen_by, team = _kept_as(run, person)
    quant = shared_quant(arms, run.quant, run.quant)
    like = named("quick", engine=run.engine, model=run.model, quant=quant)
    with transaction.atomic():
        return tuple(
            request_plan(
                arm.plan(like, like.seed + number),
                host,
                person=person,
                requester=requester,
                note=f"Round {number} of {ROUNDS} of a comparison: {arm.label}",
                visibility=seen_by,
                team=team,
            )
            for number, arm in order(arms, ROUNDS)
        )


def _kept_as(run: Run, person: Person) -> tuple[str, Team | None]:
    """Who sees the rounds, and whose they are. Who does not run for the run's team runs nothing on
    its account, and has nothing shown wider than the host says."""
    result = usable(run)
    seen_by = result.visibility if result else run.visibility
    if may(person, run.team, Act.RUN):
        return seen_by, run.team
    return "" if seen_by == Visibility.PUBLIC else seen_by, None


def _host(run: Run) -> Host:
    if run.host is None:
        raise RunRefused(409, "The machine that measured this is gone.")
    return run.host

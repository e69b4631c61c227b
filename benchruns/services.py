"""What the guide's pages ask of this room: start a run, say where one could run."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from pydantic import ValidationError

from benchruns import accepting, audit, wake
from benchruns.host.choice import default_plan, measurable
from benchruns.host.errors import CannotMeasure
from benchruns.host.plan import PROTOCOL, Plan
from benchruns.host.presets import PRESETS, named
from benchruns.live import news
from benchruns.models import Host, Run, Team, Visibility
from benchruns.models.teams import EMBEDDED_SLUG, NOBODY, Person, teams_of
from benchruns.permits import Act, may, teams_where
from benchruns.queueing.entry import place_in_queue
from benchruns.sharing import in_force
from benchruns.states import TERMINAL, State
from recommender import catalogue, rulebook
from recommender.answers import AnswerError, parse
from recommender.own.model import is_own

log = logging.getLogger(__name__)

ON_THE_HOST: Final = (
    "It can be measured on the machine itself: rigguide bench --model synthetic:config.json"
)

RUNS_A_MINUTE: Final = 10
"""Of one address: enough for a person, too few for a loop."""


class RunRefused(Exception):
    """Why no run was started, in a sentence, with the HTTP status that fits."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def request_run(
    answers_query: str,
    engine: str,
    model: str,
    quant: str,
    host: Host | None = None,
    *,
    person: Person = NOBODY,
    requester: str = "",
    note: str = "",
    preset: str = "",
    visibility: str = "",
    team: Team | None = None,
) -> Run:
    """Queues one measurement and wakes the hosts. Raises RunRefused.

    `preset`: the name of a plan; "" gives as much time as the model needs. `person` is who is
    signed in, `requester` a keyed hash of the address. Asking twice for the same before it began
    gives the run that is already waiting. `visibility` is for members of the run's team; "" leaves
    it to the host and the team. `team`: whose run it is, where it is not the host's; it then goes
    on that team's account in the queue of the host, which must be open to visitors.
    """
    _check_open(person)
    answers = canonical(answers_query)
    wanted = host or _any_host(engine, preset, person)
    _check_host(wanted, engine, person)
    plan = plan_for(engine, model, quant, wanted, preset)
    _check_team(team, wanted, person)
    _check_visibility(visibility, team or wanted.team, person)
    return _queue(plan, wanted, answers, person, requester, note, visibility, team)


def request_plan(
    plan: Plan,
    host: Host,
    *,
    person: Person = NOBODY,
    requester: str = "",
    note: str = "",
    visibility: str = "",
    team: Team | None = None,
) -> Run:
    """Queues this very plan on that host, as comparisons and tests of claims need it.

    `visibility` and `team` as of `request_run`, but that whoever calls says who sees it: what is
    measured beside something hidden is hidden too. Raises RunRefused.
    """
    _check_open(person)
    _check_host(host, plan.engine, person)
    if why := not_measurable(plan.model, plan.quant, host):
        raise RunRefused(409, why)
    _check_team(team, host, person)
    return _queue(plan, host, "", person, requester, note, visibility, team)


def not_measurable(model: str, quant: str, host: Host) -> str:
    """Why a site cannot ask that machine to measure this; "" where it can."""
    found = catalogue.load().model(model)
    if found is None or is_own(found.id):
        return f"{found.name if found else model} is in no catalogue. {ON_THE_HOST}"
    why = measurable(found, quant, host.machine)
    return f"{host.name} cannot measure this. {why}" if why else ""


def _queue(
    plan: Plan,
    wanted: Host,
    answers: str,
    person: Person,
    requester: str,
    note: str,
    visibility: str = "",
    team: Team | None = None,
) -> Run:
    """The run that is already waiting for the same, or a new one."""
    team = team or wanted.team
    visibility = in_force(visibility, team, wanted)
    check_readable(plan, wanted)
    if why := accepting.refusal(wanted, plan):
        raise RunRefused(409, f"{wanted.name} would refuse this. {why}")
    with transaction.atomic():
        same = _already_waiting(plan, wanted, answers, person, requester, team)
        if same is not None and same.visibility == visibility:
            return same
        check_limits(team, requester)
        run = Run.objects.create(
            team=team,
            wanted_host=wanted,
            plan=plan.model_dump(mode="json"),
            engine=plan.engine,
            model=plan.model,
            quant=plan.quant,
            answers=answers,
            note=note,
            visibility=visibility,
            **asked_by(person, wanted, requester, team),
        )
        what = {"engine": run.engine, "model": run.model, "host": wanted.name}
        audit.record(person, team, "run.requested", run.pk, **what)
        wake.on_commit(wanted.team_id)
        news.run_waits(run)
    log.info("run %s: asked for, of %s", run.pk, wanted.name)  # with the request's id beside it
    return run


def _check_team(team: Team | None, wanted: Host, person: Person) -> None:
    if team is not None and not may(person, team, Act.RUN):
        raise RunRefused(403, "team: you start no measurements for a team of that name.")
    if team not in (None, wanted.team) and not wanted.accepts_visitors:
        raise RunRefused(403, f"team: {wanted.name} takes runs of {wanted.team} alone.")


def _check_visibility(visibility: str, team: Team, person: Person) -> None:
    if visibility and visibility not in Visibility.values:
        allowed = ", ".join(Visibility.values)
        raise RunRefused(400, f"visibility: {visibility!r} is none of {allowed}.")
    if visibility and not may(person, team, Act.RUN):
        raise RunRefused(403, f"visibility: only members of {team} choose who sees a result.")


def asked_by(
    person: Person, host: Host, requester: str, team: Team | None = None
) -> dict[str, Any]:
    """The columns that say who asked, and where in the queue that is. A host that takes no
    visitors takes its members' runs."""
    by_visitor = not may(person, host.team, Act.RUN)
    return {
        "requester": requester,
        "asked_by": person if person.is_authenticated else None,
        "by_visitor": by_visitor,
        **place_in_queue(team or host.team, person, requester, by_visitor=by_visitor),
    }


def visible_hosts(person: Person = NOBODY) -> QuerySet[Host]:
    """Attached hosts that are open to visitors, or of this person's teams."""
    hosts = Host.objects.visible_to(person).attached()
    return hosts.select_related("team").order_by("name")


def visible_runs(person: Person = NOBODY) -> QuerySet[Run]:
    """Runs that are listed: of the site's own machines, and of this person's teams."""
    listed = Q(team__slug=EMBEDDED_SLUG)
    if person.is_authenticated:
        listed |= Q(team__in=teams_of(person))
    return Run.objects.filter(listed)


def measurable_hosts(engine: str | None = None, person: Person = NOBODY) -> list[Host]:
    """Hosts that take this person's runs (of that engine), those that answer first."""
    theirs = Q(team__in=teams_where(person, Act.RUN))
    free = visible_hosts(person).filter(Q(accepts_visitors=True) | theirs)
    hosts = [host for host in free if not host.paused]
    able = [host for host in hosts if host.measures and engine in (None, *host.measures)]
    return sorted(able, key=lambda host: (not host.live, host.name))


def canonical(answers_query: str) -> str:
    """The same answers always as the same text. Raises RunRefused."""
    try:
        return parse(parse_qsl(answers_query, keep_blank_values=True)).urlencode()
    except AnswerError as error:
        raise RunRefused(400, str(error)) from error


def _check_open(person: Person) -> None:
    if not settings.OPEN_RUNS and not teams_where(person, Act.RUN):
        raise RunRefused(403, "This site does not let visitors start measurements.")


def plan_for(engine: str, model: str, quant: str, host: Host, preset: str) -> Plan:
    """Raises RunRefused where that machine cannot measure this, or there is no such thing."""
    check_preset(preset)
    found = catalogue.load().model(model)
    if found is None:
        raise RunRefused(400, f"model: there is no {model!r} in the catalogue.")
    if is_own(found.id):
        raise RunRefused(400, f"{found.name} is in no catalogue. {ON_THE_HOST}")
    try:
        plan = _timed(default_plan(found.id, quant, engine, host.machine), preset)
    except (CannotMeasure, ValidationError) as error:
        raise RunRefused(400, f"This cannot be measured: {error}") from error
    if why := measurable(found, plan.quant, host.machine):
        raise RunRefused(409, f"{host.name} cannot measure this. {why}")
    return plan


def check_preset(preset: str) -> None:
    """Raises RunRefused with the names there are; "" is none and fine."""
    if preset and preset not in PRESETS:
        raise RunRefused(400, f"plan: {preset!r} is none of {', '.join(PRESETS)}.")


def _timed(plan: Plan, preset: str) -> Plan:
    if not preset:
        return plan
    return named(preset, engine=plan.engine, model=plan.model, quant=plan.quant)


def _any_host(engine: str, preset: str, person: Person) -> Host:
    if engine not in rulebook.load().engines:
        raise RunRefused(400, f"engine: {engine!r} is none of {_listed(rulebook.load().engines)}.")
    hosts = measurable_hosts(engine, person)
    if not hosts:
        raise RunRefused(409, f"No machine that takes visitors' runs can start {engine}.")
    readers = [host for host in hosts if host.protocol >= PROTOCOL] if preset else hosts
    return (readers or hosts)[0]


def check_readable(plan: Plan, host: Host) -> None:
    """A host of an earlier release would never be given what it cannot read."""
    needed = plan.model_dump(mode="json")["protocol"]
    if needed > host.protocol:
        raise RunRefused(
            409,
            f"{host.name} runs an earlier release (protocol {host.protocol}) that cannot read this "
            f"plan (protocol {needed}): update RigGuide there, or measure without a named plan.",
        )


def takes_runs_of(person: Person, host: Host) -> bool:
    """Members who may run, always; visitors where the site and the host let them."""
    if host.revoked_at is not None:
        return False
    open_to_visitors = bool(settings.OPEN_RUNS) and host.accepts_visitors and host.team.is_embedded
    return open_to_visitors or may(person, host.team, Act.RUN)


def _check_host(host: Host, engine: str, person: Person) -> None:
    if not takes_runs_of(person, host):
        raise RunRefused(403, f"{host.name} does not take your runs.")
    if engine not in host.measures:
        raise RunRefused(
            409, f"{engine} cannot be started on {host.name}; {_listed(host.measures)} can."
        )


def _listed(engines: Iterable[str]) -> str:
    return ", ".join(sorted(engines)) or "no engine at all"


def check_limits(team: Team, requester: str) -> None:
    waiting = Run.objects.filter(team=team).exclude(state__in=TERMINAL).count()
    if waiting >= settings.RUN_QUEUE_LIMIT:
        raise RunRefused(
            429,
            f"{waiting} measurements are waiting, which is the most; try again later.",
        )
    minute = timezone.now() - timedelta(minutes=1)
    recent = Run.objects.filter(requester=requester, requested_at__gte=minute)
    if requester and recent.count() >= RUNS_A_MINUTE:
        raise RunRefused(429, f"{RUNS_A_MINUTE} measurements a minute are the most; wait a little.")


def _already_waiting(
    plan: Plan, host: Host, answers: str, person: Person, requester: str, team: Team
) -> Run | None:
    """Of the same person: an address alone may be that of a whole office."""
    if not requester:
        return None
    return Run.objects.filter(
        state=State.QUEUED,
        team=team,
        wanted_host=host,
        plan=plan.model_dump(mode="json"),
        answers=answers,
        requester=requester,
        asked_by=person if person.is_authenticated else None,
    ).first()

"""Who is to see a result: decided when it is stored, changed afterwards, always written down."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from benchruns import audit, trust
from benchruns.models import Host, Result, Run, Team, Visibility
from benchruns.models.teams import Person
from benchruns.permits import Act, may

_WIDTH: Final = {Visibility.PRIVATE: 0, Visibility.TEAM: 1, Visibility.PUBLIC: 2}


class ShareRefused(ValueError):
    """Why nothing was changed, in a sentence."""


def parse(given: str) -> Visibility:
    """Raises ShareRefused with what is allowed."""
    try:
        return Visibility(given)
    except ValueError:
        allowed = ", ".join(Visibility.values)
        raise ShareRefused(f"visibility: {given!r} is none of {allowed}.") from None


def parse_choice(given: str) -> Visibility | None:
    """The same; None for "", which leaves it to the host and the team."""
    return parse(given) if given else None


def decided(run: Run, host: Host) -> Visibility:
    """What the run says, else its host where that is of the same team, else its team."""
    return in_force(run.visibility, run.team, host)


def in_force(said: str, team: Team, host: Host) -> Visibility:
    """The same for a run that is not there yet. Each keeps it from when it is asked for."""
    of_host = host.default_visibility if host.team_id == team.pk else ""
    return Visibility(said or of_host or team.default_visibility)


def may_share(person: Person, run: Run) -> bool:
    """An admin of the team; or who asked for it, while they may run there."""
    if may(person, run.team, Act.MANAGE):
        return True
    asked = run.asked_by_id is not None and run.asked_by_id == person.pk
    return asked and may(person, run.team, Act.RUN)


def share(run: Run, to: Visibility, person: Person) -> None:
    """Of the run and of its result, if it has one. The caller has asked `may_share`."""
    result = Result.objects.filter(run=run).only("visibility", "work").first()
    before = Visibility(result.visibility if result else run.visibility or Visibility.TEAM)
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(visibility=to)
        Result.objects.filter(run=run).update(visibility=to)
        if to != before or result is None:
            verb = "result.shared" if _WIDTH[to] >= _WIDTH[before] else "result.withdrawn"
            audit.record(person, run.team, verb, run.pk, before=before, now=to)
    if result is not None:
        trust.settle(result.work)


@transaction.atomic
def share_by_default(what: Host | Team, to: Visibility | None, person: Person) -> None:
    """From now on; what is stored stays as it is. None: a host is as its team."""
    team = what.team if isinstance(what, Host) else what
    kept = to or ("" if isinstance(what, Host) else Visibility.TEAM)
    type(what).objects.filter(pk=what.pk).update(default_visibility=kept)
    audit.record(person, team, "sharing.default", what, now=str(kept))

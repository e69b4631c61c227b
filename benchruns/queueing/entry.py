"""Where a run enters the queue: before what else of its flow, and whose turn it is there."""

from __future__ import annotations

from typing import Any

from benchruns.models import Run, Team
from benchruns.models.runs import Priority
from benchruns.models.teams import Person
from benchruns.states import State


def place_in_queue(
    team: Team, person: Person, requester: str, *, by_visitor: bool
) -> dict[str, Any]:
    """The columns `priority` and `turn` of a run that somebody asks for.

    `turn` counts what the same person has waiting there already, so that people take turns as well
    as teams: the second run of one comes after the first of everybody. One query.
    """
    waiting = Run.objects.filter(state=State.QUEUED, team=team, by_visitor=by_visitor)
    if person.is_authenticated:
        mine = waiting.filter(asked_by=person).count()
    else:
        mine = waiting.filter(requester=requester, asked_by=None).count() if requester else 0
    priority = Priority.VISITOR if by_visitor else Priority.MEMBER
    return {"priority": priority, "turn": mine}


def may_be_raised(run: Run) -> bool:
    return run.state == State.QUEUED and run.priority < Priority.RAISED


def raise_priority(run: Run) -> bool:
    """Before all else of its team. False where it does not wait any more."""
    waiting = Run.objects.filter(pk=run.pk, state=State.QUEUED)
    return bool(waiting.update(priority=Priority.RAISED))

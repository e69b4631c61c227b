"""Progress as hosts tell it, kept on the run and in a bounded list of events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from benchruns.claims import held, own
from benchruns.host_api.bodies import Progress
from benchruns.live import news
from benchruns.models import Host, Run, RunEvent
from benchruns.models.runs import MAX_EVENTS
from benchruns.queueing.forecast import queue_position
from benchruns.states import State, advance

__all__ = ["queue_position", "record"]

_STATE_OF_PHASE: Final = {
    "preparing": State.PREPARING,
    "starting": State.PREPARING,
    "warming-up": State.RUNNING,
    "measuring": State.RUNNING,
    "finishing": State.RUNNING,
}


@transaction.atomic
def record(run: UUID, host: Host, attempt: int, events: Sequence[Progress]) -> bool:
    """Stores what was told, oldest first. True when the host should cancel. Raises NotHeld."""
    row, runs = own(run, host, attempt), held(run, host, attempt)
    if events:
        _keep(row, events)
        runs.update(**_latest(events[-1]))
        _follow(row, runs, _STATE_OF_PHASE[events[-1].phase])
        news.run_went_on(run, host)
    return row.cancel_requested


def _follow(row: Run, runs: QuerySet[Run], state: State) -> None:
    if row.state == state:
        return
    started = {"started_at": timezone.now()} if state == State.RUNNING else {}
    advance(runs, state, **started)


def _latest(event: Progress) -> dict[str, Any]:
    return {
        "phase": event.phase,
        "message": event.message[:300],
        "point": event.point,
        "points": event.points,
        "clients": event.clients,
        "tok_s": event.tok_s,
        "fraction": event.fraction,
    }


def _keep(row: Run, events: Sequence[Progress]) -> None:
    """Only what is a step, not every word in between; the run itself holds the latest."""
    steps = list(_steps((row.phase, row.point), events))
    room = MAX_EVENTS - RunEvent.objects.filter(run=row).count() if steps else 0
    RunEvent.objects.bulk_create(
        RunEvent(
            run=row,
            attempt=row.attempt,
            at=event.at,
            phase=event.phase,
            message=event.message[:300],
            point=event.point,
            clients=event.clients,
            tok_s=event.tok_s,
        )
        for event in steps[: max(0, room)]
    )


def _steps(before: tuple[str, int | None], events: Sequence[Progress]) -> Iterator[Progress]:
    for event in events:
        if (event.phase, event.point) != before:
            yield event
        before = (event.phase, event.point)

"""The life of a run as data. Nothing else in the site writes `state`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import TextChoices

from benchruns import metered

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from benchruns.models import Run


class State(TextChoices):
    QUEUED = "queued", "waiting for its machine"
    CLAIMED = "claimed", "taken by a machine"
    PREPARING = "preparing", "preparing"
    RUNNING = "running", "measuring"
    DONE = "done", "measured"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"
    EXPIRED = "expired", "given up"


HELD: Final = frozenset({State.CLAIMED, State.PREPARING, State.RUNNING})
"""A host has it, under a lease."""

TERMINAL: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED, State.EXPIRED})

# A held run may end in any way: its progress may be lost on the road and its result not.
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.QUEUED: frozenset({State.CLAIMED, State.CANCELLED}),
    State.CLAIMED: frozenset({State.PREPARING, State.RUNNING, State.QUEUED}) | TERMINAL,
    State.PREPARING: frozenset({State.RUNNING, State.QUEUED}) | TERMINAL,
    State.RUNNING: frozenset({State.QUEUED}) | TERMINAL,
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}


def sources(to: State) -> frozenset[State]:
    """The states from which `to` may be reached."""
    return frozenset(state for state, nexts in TRANSITIONS.items() if to in nexts)


def advance(runs: QuerySet[Run], to: State, **changes: Any) -> int:
    """Moves those of `runs` that may go there. The count tells the caller whether it was them.

    One filtered update, no lock: of two callers that race, one counts 1 and the other 0.
    """
    moved = runs.filter(state__in=sources(to)).update(state=to, **changes)
    if moved and to in TERMINAL:
        metered.count(f"runs:{to}")
    return moved

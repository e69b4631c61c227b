"""The life of a run: what may follow what, and that nothing else does."""

from __future__ import annotations

import pytest

from benchruns.models import Run
from benchruns.states import HELD, TERMINAL, TRANSITIONS, State, advance, sources
from tests.benchruns.made import queued

EVERY_PAIR = [(before, after) for before in State for after in State]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), EVERY_PAIR)
def test_it_moves_only_along_the_arrows(before: State, after: State) -> None:
    run = queued(state=before)
    moved = advance(Run.objects.filter(pk=run.pk), after)
    run.refresh_from_db()
    allowed = after in TRANSITIONS[before]
    assert (moved, run.state) == ((1, after) if allowed else (0, before))


def test_it_ends_for_good() -> None:
    assert all(not TRANSITIONS[state] for state in TERMINAL)


def test_it_can_always_end_once_a_host_has_it() -> None:
    assert all(TRANSITIONS[state] >= TERMINAL for state in HELD)


def test_it_reaches_every_state_from_the_queue() -> None:
    reached, frontier = {State.QUEUED}, {State.QUEUED}
    while frontier:
        frontier = {after for state in frontier for after in TRANSITIONS[state]} - reached
        reached |= frontier
    assert reached == set(State)


def test_it_knows_where_one_comes_from() -> None:
    assert sources(State.CLAIMED) == {State.QUEUED}
    assert sources(State.QUEUED) == HELD

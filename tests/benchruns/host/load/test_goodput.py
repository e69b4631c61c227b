from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchruns.host.load.goodput import MOST_CLIENTS, Search, holds
from benchruns.host.plan import Targets
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer


def searched(capacity: int, known: tuple[int, ...] = ()) -> tuple[Search, list[int]]:
    """The search against an engine that serves `capacity` clients and no more."""
    search, tries = Search(), list[int]()
    search.learn((clients, clients <= capacity) for clients in known)
    while (clients := search.next()) is not None:
        tries.append(clients)
        search.tell(clients, clients <= capacity)
        assert len(tries) < 30
    return search, tries


@given(st.integers(0, 3000), st.lists(st.integers(1, 64), max_size=4))
def test_it_finds_the_most_clients_that_are_served_to_a_twentieth(
    capacity: int, known: list[int]
) -> None:
    search, tries = searched(capacity, tuple(known))
    most = min(capacity, MOST_CLIENTS)
    assert search.held <= most
    assert most - search.held <= max(0, 0.05 * search.held)
    assert len(tries) == len(set(tries)) <= 20


def test_it_begins_with_what_is_known_already() -> None:
    assert searched(12, (1, 2, 4, 8))[1] == [16, 12, 14, 13]


def test_it_says_when_nobody_is_served_and_when_everybody_is() -> None:
    assert (searched(0)[0].held, searched(0)[0].missed) == (0, 1)
    assert (searched(5000)[0].held, searched(5000)[0].missed) == (MOST_CLIENTS, None)


def test_a_miss_below_a_hit_is_believed() -> None:
    """On a disturbed machine four may be served and two not: what is promised must hold."""
    search = Search()
    search.learn([(4, True), (2, False)])
    assert (search.held, search.missed) == (1, 2)


MANY = [answer(start_s=i, ttft_s=0.1 + i / 1000, gap_s=0.05) for i in range(40)]


@pytest.mark.parametrize(
    ("targets", "held"),
    [
        (Targets(ttft_ms=150), True),
        (Targets(ttft_ms=120), False),
        (Targets(tokens_per_user=20), True),
        (Targets(tokens_per_user=21), False),
        (Targets(ttft_ms=150, tokens_per_user=21), False),
    ],
)
def test_it_holds_where_the_slow_end_is_within_the_target(targets: Targets, held: bool) -> None:
    assert holds(summarise(MANY, 1), targets) is held


def test_too_few_answers_tell_nothing_and_a_failure_is_no_service() -> None:
    assert holds(summarise(MANY[:5], 1), Targets(ttft_ms=150)) is None
    failed = [*MANY, answer(start_s=50, outcome="failed")]
    assert holds(summarise(failed, 1), Targets(ttft_ms=150)) is False

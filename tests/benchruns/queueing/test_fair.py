"""Teams take turns by a machine's time, whatever anybody queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchruns.queueing.fair import (
    GUESS_S,
    Flow,
    Served,
    Shares,
    Waiting,
    counted,
    in_order,
    next_flow,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RED, BLUE, GREEN = 1, 2, 3

ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
seconds = st.floats(min_value=1, max_value=3600)


def waiting(flow: Flow, key: int = 0, takes_s: float | None = 60, **more: int) -> Waiting:
    """`later_s`: how long after noon it was asked for."""
    asked = NOON + timedelta(seconds=more.pop("later_s", key))
    return Waiting(key=(flow, key), flow=flow, asked=asked, seconds=takes_s, **more)


def flows(order: Iterator[Waiting], most: int = 100) -> list[Flow]:
    return [run.flow for run in islice(order, most)]


def test_a_team_with_a_thousand_runs_keeps_nobody_waiting() -> None:
    backlog = [waiting(RED, n) for n in range(1000)]
    newcomer = waiting(BLUE, 0, later_s=5000)
    order = flows(in_order([*backlog, newcomer], Shares({RED: 40_000.0})))
    assert order[0] == BLUE


def test_two_teams_alternate_when_their_runs_are_alike() -> None:
    runs = [waiting(flow, n) for flow in (RED, BLUE) for n in range(3)]
    assert flows(in_order(runs, Shares())) == [RED, BLUE, RED, BLUE, RED, BLUE]


def test_short_runs_are_not_outweighed_by_long_ones() -> None:
    long = [waiting(RED, n, takes_s=600) for n in range(5)]
    short = [waiting(BLUE, n, takes_s=60) for n in range(20)]
    order = flows(in_order([*long, *short], Shares()))
    assert order[:12] == [RED, *[BLUE] * 10, RED]


def test_who_was_away_saved_nothing_up() -> None:
    shares = Shares({RED: 90_000.0}, floor_s=90_000.0)  # red had the machine for itself all day
    runs = [waiting(flow, n, later_s=n) for flow in (RED, BLUE) for n in range(3)]
    assert flows(in_order(runs, shares)) == [RED, BLUE, RED, BLUE, RED, BLUE]


def test_who_asks_for_one_run_at_a_time_pays_for_it_all_the_same() -> None:
    """Blue comes back with a long run as soon as the last has ended."""
    shares, order = Shares(), []
    for turn in range(12):
        here = {RED: NOON, BLUE: NOON + timedelta(seconds=turn)}
        shares = shares.level(here)
        flow = next_flow(shares, here)
        order.append(flow)
        shares = shares.charged(flow, 300 if flow == BLUE else 60)
    assert Counter(order)[RED] >= 9


def test_what_a_machine_was_used_for_is_forgotten_once_others_had_as_much() -> None:
    shares = Shares({RED: 100.0, BLUE: 500.0}, floor_s=100.0)
    assert shares.level([RED]).used_s == {BLUE: 500.0}
    assert shares.charged(RED, 450).level([RED]).used_s == {}


def test_a_clock_set_back_gives_nobody_time() -> None:
    assert Shares({RED: 10.0}).charged(RED, -500).of(RED) == 10.0
    backwards = Served(RED, NOON, NOON - timedelta(hours=1))
    assert counted(Shares({RED: 10.0}), [backwards], {}).of(RED) == 10.0


def test_time_that_nobody_else_wanted_costs_nobody_anything() -> None:
    run = Served(RED, NOON, NOON + timedelta(seconds=100))
    alone = counted(Shares(), [run], {RED: NOON})
    assert (alone.of(RED), alone.of(BLUE)) == (100, 100)
    came_after = counted(Shares(), [run], {BLUE: NOON + timedelta(seconds=101)})
    assert came_after.of(BLUE) == 100


def test_who_came_while_a_run_went_on_is_behind_by_what_was_left_of_it() -> None:
    run = Served(RED, NOON, NOON + timedelta(seconds=100))
    shares = counted(Shares(), [run], {BLUE: NOON + timedelta(seconds=70)})
    assert (shares.of(RED), shares.of(BLUE)) == (100, 70)
    waited = counted(Shares(), [run], {BLUE: NOON - timedelta(seconds=70)})
    assert (waited.of(RED), waited.of(BLUE)) == (100, 0)


def test_within_a_team_priority_then_the_person_s_turn_then_age() -> None:
    runs = [
        waiting(RED, 1),
        waiting(RED, 2, turn=1),
        waiting(RED, 3),
        waiting(RED, 4, priority=30),
        waiting(RED, 5, priority=30, turn=4),
    ]
    keys = [run.key[1] for run in in_order(runs, Shares())]  # type: ignore[index]
    assert keys == [4, 5, 1, 3, 2]


def test_priority_buys_no_turn_of_another_team() -> None:
    raised = [waiting(RED, n, priority=30) for n in range(4)]
    plain = [waiting(BLUE, n, later_s=100 + n) for n in range(4)]
    assert flows(in_order([*raised, *plain], Shares())) == [RED, BLUE] * 4


def test_a_run_of_unknown_length_counts_as_one_of_usual_length() -> None:
    unknown = [waiting(RED, n, takes_s=None) for n in range(2)]
    known = [waiting(BLUE, n, takes_s=GUESS_S, later_s=10 + n) for n in range(2)]
    assert flows(in_order([*unknown, *known], Shares())) == [RED, BLUE, RED, BLUE]


@ANY
@given(st.lists(seconds, min_size=60, max_size=60), st.integers(2, 4), st.floats(0, 1e6))
def test_nobody_who_keeps_waiting_falls_behind_by_more_than_one_run(
    lengths: list[float], teams: int, floor_s: float
) -> None:
    present = dict.fromkeys(range(1, teams + 1), NOON)
    shares, given_s = Shares({}, floor_s), dict.fromkeys(present, 0.0)
    for length in lengths:
        shares = shares.level(present)
        flow = next_flow(shares, present)
        shares = shares.charged(flow, length)
        given_s[flow] += length
        assert max(given_s.values()) - min(given_s.values()) <= max(lengths) + 1e-6


@ANY
@given(
    st.dictionaries(st.integers(0, 5), st.floats(0, 1e5), max_size=6),
    st.floats(0, 1e5),
    st.sets(st.integers(0, 5), min_size=1),
)
def test_the_floor_only_rises_and_nobody_loses_by_it(
    used: Mapping[Flow, float], floor_s: float, here: set[Flow]
) -> None:
    before = Shares(used, floor_s)
    after = before.level(here)
    assert after.floor_s >= before.floor_s
    assert all(after.of(flow) == before.of(flow) for flow in here)
    assert all(after.of(flow) >= before.of(flow) for flow in range(6))


@ANY
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30), st.none() | seconds), max_size=30))
def test_every_run_comes_exactly_once(runs: list[tuple[Flow, int, float | None]]) -> None:
    queue = [
        waiting(flow, n, takes_s, priority=priority)
        for n, (flow, priority, takes_s) in enumerate(runs)
    ]
    order = list(in_order(queue, Shares()))
    assert sorted(run.key for run in order) == sorted(run.key for run in queue)  # type: ignore[type-var]


@pytest.mark.parametrize("teams", [2, 5, 20])
def test_a_hundred_teams_worth_of_backlog_is_served_round(teams: int) -> None:
    runs = [waiting(flow, n) for flow in range(1, teams + 1) for n in range(10)]
    first_round = flows(in_order(runs, Shares()), teams)
    assert sorted(first_round) == list(range(1, teams + 1))

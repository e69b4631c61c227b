from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchruns.host.document import Sample
from benchruns.host.load.curve import Curve
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.goodput import MOST_CLIENTS, Search, holds
from benchruns.host.load.point import RawPoint
from benchruns.host.load.request import Target
from benchruns.host.plan import Targets
from benchruns.host.points import Maker
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer
from tests.benchruns.host.instrument import plan as made_plan

Tried = tuple[list[int], Search]


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
    assert (search.held, search.missed) == (0, 2)  # one is not known to be served: it is tried
    assert search.next() == 1


def test_it_names_no_number_that_nobody_tried() -> None:
    search = Search()
    search.learn([(1, True), (2, True), (4, True), (8, False), (16, True)])
    assert search.held == 4
    assert search.next() == 6


def test_what_is_doubted_is_tried_once_more_and_no_oftener() -> None:
    search = Search()
    search.learn([(1, True), (2, True)])
    assert search.next() == 4
    assert search.doubt(4)
    assert search.next() == 4
    assert not search.doubt(4)
    search.tell(4, held=True)
    assert search.next() == 8


async def _settled(_point: RawPoint) -> None: ...


def curve_of(*points: RawPoint, sound: Callable[[RawPoint], bool] = lambda _: True) -> Tried:
    """A search for goodput whose every try sees what is given, one after the other."""
    left = list(points)

    async def at(_self: Curve, _warm: object, _index: int, clients: int, *_: Any, **__: Any) -> Any:
        return replace(left.pop(0), clients=clients)

    plan = made_plan(clients=(1,), goodput=Targets(ttft_ms=150))
    target = Target("", "mock", NATIVE, 8, 1.0)
    curve = Curve(plan, target, 0.0, 1e12, lambda: None, lambda *_: None, _settled, sound=sound)
    search = Search(most=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Curve, "_at", at)
        patch.setattr(Curve, "_room", lambda *_: True)
        asyncio.run(curve._goodput(None, search))  # type: ignore[arg-type]
    return [p.clients for p in curve.tries], search


def seen(samples: Sequence[Sample], others: float | None = None) -> RawPoint:
    return RawPoint(1, 50.0, tuple(samples), None, False, others)


def test_a_lone_failure_is_believed_when_it_comes_again() -> None:
    good, failed = seen(MANY), seen([*MANY, answer(start_s=50, outcome="failed")])
    tries, search = curve_of(good, failed, good)
    assert (tries, search.held, search.missed) == ([1, 2, 2], 2, None)
    tries, search = curve_of(good, failed, failed)
    assert (tries, search.held, search.missed) == ([1, 2, 2], 1, 2)


def test_two_failures_at_once_are_no_chance() -> None:
    failed = seen([*MANY, *[answer(start_s=50, outcome="failed")] * 2])
    tries, search = curve_of(seen(MANY), failed)
    assert (tries, search.held, search.missed) == ([1, 2], 1, 2)


def test_a_try_that_others_disturbed_tells_nothing_and_is_made_once_more() -> None:
    sound = Maker(made_plan(), None, None).sound
    slow = [answer(start_s=i, ttft_s=0.9, gap_s=0.05) for i in range(40)]
    good, disturbed = seen(MANY, 3.0), seen(slow, 60.0)
    tries, search = curve_of(good, disturbed, good, sound=sound)
    assert (tries, search.held, search.missed) == ([1, 2, 2], 2, None)
    tries, search = curve_of(good, disturbed, disturbed, sound=sound)
    assert (tries, search.held, search.missed) == ([1, 2, 2], 1, None)


def test_figures_that_a_guard_refused_promise_nothing_and_goodput_says_so() -> None:
    cached = seen([s.model_copy(update={"cached_tokens": 16}) for s in MANY])
    plan = made_plan(clients=(1,), goodput=Targets(ttft_ms=150))
    make = Maker(plan, None, None)
    tries, search = curve_of(cached, cached, sound=make.sound)
    assert (tries, search.held) == ([1, 1], 0)
    curve = SimpleNamespace(search=search, tries=[cached, cached], points=[])
    told = make.goodput(curve)  # type: ignore[arg-type]
    assert told is not None
    assert told.clients is None
    assert [f.guard for f in told.guards] == ["prefix-cache", "time-limit"]
    assert told.refused


def test_an_engine_that_fails_most_requests_has_missed_it() -> None:
    """That guard speaks of the engine, not of the figures."""
    failed = seen([*MANY[:5], *[answer(outcome="failed")] * 30])
    assert Maker(made_plan(), None, None).sound(failed)


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

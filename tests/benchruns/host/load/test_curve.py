"""The whole load generator against known truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from statistics import mean, median
from time import monotonic
from typing import Any

import pytest

from benchruns.host.load.curve import Curve, OutOfTime, RawPoint
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.request import Target
from benchruns.host.mock_engine import Emitted, MockEngine
from benchruns.host.plan import Plan
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import mock, plan


def loaded(
    wanted: Plan,
    watch: Callable[[], None] = lambda: None,
    then: Callable[[MockEngine, Curve], None] = lambda _engine, _curve: None,
    **truth: Any,
) -> tuple[Curve, MockEngine]:
    """`then` is called after each point."""

    async def settled(_point: RawPoint) -> None:
        then(engine, curve)

    with mock(**truth) as (engine, address):
        curve = Curve(
            plan=wanted,
            target=Target(address, "mock", NATIVE, wanted.output_tokens, 20.0),
            aim=monotonic() + wanted.time_limit_s / 2,
            deadline=monotonic() + wanted.time_limit_s,
            watch=watch,
            live=lambda *_: None,
            settled=settled,
        )
        asyncio.run(curve.run(dialect_known=True))
        return curve, engine


SLACK_MS = 60.0  # between a chunk's leaving and its being seen, on a machine that is busy


def steady(point: RawPoint, answers: list[Emitted]) -> list[Emitted]:
    """The truth of those requests that count: both sides saw first tokens in the same order."""
    seen = sorted(point.samples, key=lambda sample: sample.first_token_s or 0.0)
    truth = sorted(answers, key=lambda one: one.times_s[0])
    return [one for one, sample in zip(truth, seen, strict=True) if sample.part == "steady"]


def same_latencies(point: RawPoint, answers: list[Emitted]) -> None:
    """A client sees each token after it left, never before, and little later.

    The first answers were those of the warm-up, which is no part of the point.
    """
    truth = steady(point, answers[-len(point.samples) :])
    found = summarise(point.samples, point.clients)
    assert found.not_ok == 0
    true_ttft_ms = median(one.ttft_ms for one in truth)
    assert found.ttft_ms.p50 is not None
    assert true_ttft_ms <= found.ttft_ms.p50 <= true_ttft_ms + SLACK_MS
    true_itl_ms = median(gap for one in truth for gap in one.gaps_ms)
    assert found.itl_ms.p50 == pytest.approx(true_itl_ms, rel=0.1, abs=3)
    true_tpot_ms = median(mean(one.gaps_ms) for one in truth)
    assert found.tpot_ms.p50 == pytest.approx(true_tpot_ms, rel=0.1, abs=3)


@pytest.mark.parametrize("clients", [1, 4])
def test_it_recovers_the_true_latencies_at_every_number_of_clients(clients: int) -> None:
    curve, engine = loaded(
        plan(clients=(clients,), output_tokens=16, requests_per_client=4),
        ttft_ms=80,
        itl_ms=20,
        slots=4,
    )
    same_latencies(curve.points[0], engine.answers)


def test_it_sees_requests_queue_where_slots_are_fewer_than_clients() -> None:
    curve, engine = loaded(
        plan(clients=(4,), output_tokens=8, requests_per_client=3), ttft_ms=40, itl_ms=10, slots=1
    )
    same_latencies(curve.points[0], engine.answers)
    found = summarise(curve.points[0].samples, 4).ttft_ms.p50
    one_answer_ms = 40 + 7 * 10
    assert found is not None
    assert found >= 40 + 2 * one_answer_ms


def test_it_keeps_as_many_requests_in_the_air_as_there_are_clients() -> None:
    _, engine = loaded(plan(clients=(3,), requests_per_client=3), ttft_ms=10, itl_ms=5, slots=8)
    assert engine.most_active == 3


def test_it_never_sends_the_same_prompt_twice() -> None:
    _, engine = loaded(plan(clients=(1, 2, 4)), ttft_ms=1, itl_ms=1, slots=4)
    assert len(set(engine.prompts)) == len(engine.prompts)


def test_it_counts_failures_apart_and_still_measures_the_rest() -> None:
    curve, _ = loaded(
        plan(clients=(2,), requests_per_client=6), ttft_ms=5, itl_ms=5, slots=4, fail_every=5
    )
    found = summarise(curve.points[0].samples, 2)
    assert found.ok >= 3
    assert found.not_ok >= 1


def test_it_leaves_out_points_for_which_no_time_is_left() -> None:
    curve, _ = loaded(
        plan(clients=(1, 64), output_tokens=2, time_limit_s=5), ttft_ms=200, itl_ms=1, slots=1
    )
    assert [point.clients for point in curve.points] == [1]
    assert curve.skipped == [64]


def test_a_point_of_which_nothing_was_seen_is_left_out_too() -> None:
    def hang(engine: MockEngine, curve: Curve) -> None:
        engine.behaviour = replace(engine.behaviour, ttft_ms=600_000)
        curve.deadline = monotonic() + 0.5

    curve, _ = loaded(plan(clients=(1, 1), point_limit_s=2), then=hang, ttft_ms=5, itl_ms=1)
    assert [point.clients for point in curve.points] == [1]
    assert curve.skipped == [1]


def test_it_stops_in_the_middle_of_answers_when_the_watch_says_so() -> None:
    class Enough(Exception):
        pass

    looks = 0

    def watch() -> None:
        nonlocal looks
        looks += 1
        if looks > 3:
            raise Enough

    with pytest.raises(Enough):
        loaded(plan(), watch, ttft_ms=600_000)


def test_it_ends_at_the_plans_limit_whatever_the_engine_does() -> None:
    with pytest.raises(OutOfTime):
        loaded(plan(time_limit_s=5).model_copy(update={"time_limit_s": 0.2}), ttft_ms=600_000)

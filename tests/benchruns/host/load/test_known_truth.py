"""For each setting of the mock engine the instrument finds what the mock engine really did.

On a busy machine waits are longer than was asked for, so the truth is the mock's own log, not its
settings. How close it comes under a load that strains both is for `make bench` to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import mean, median
from time import monotonic
from typing import Any

import numpy as np
import pytest

from benchruns.host.document import Sample
from benchruns.host.load.curve import Curve
from benchruns.host.load.dialect import NATIVE, Dialect
from benchruns.host.load.goodput import NEEDS, holds
from benchruns.host.load.point import RawPoint
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target
from benchruns.host.load.wire import StampedLoop
from benchruns.host.mock_engine import Emitted, MockEngine
from benchruns.host.plan import Plan, Targets
from benchruns.host.statistics import summarise, summarise_open, tpot_ms, ttft_ms
from tests.benchruns.host.instrument import mock, plan

BEGINNING = 30  # characters of a prompt that no other begins with
ROUNDED_MS = 0.05  # samples keep microseconds; two clocks are read one after the other
SLACK_MS = 60.0  # between a chunk's leaving and its being seen, on a machine that is busy


async def _nothing(_point: object) -> None:
    """Nobody looks at single points."""


def loaded(wanted: Plan, dialect: Dialect = NATIVE, **truth: Any) -> tuple[Curve, MockEngine]:
    with mock(**{"ttft_ms": 40, "itl_ms": 10, **truth}) as (engine, address):
        curve = Curve(
            plan=wanted,
            target=Target(address, "mock", dialect, wanted.output_tokens, 20.0),
            aim=monotonic() + wanted.time_limit_s / 2,
            deadline=monotonic() + wanted.time_limit_s,
            watch=lambda: None,
            live=lambda *_: None,
            settled=_nothing,
        )
        with asyncio.Runner(loop_factory=StampedLoop) as runner:
            runner.run(curve.run(dialect_known=True))
        return curve, engine


def _said(prompts: Prompts, samples: Sequence[Sample], place: int) -> Iterator[tuple[str, Sample]]:
    """How the prompt of each begins: by whose and how manyth it was, or by when it was due."""
    clients: dict[int, list[Sample]] = {}
    for sample in sorted(samples, key=lambda s: s.start_s):
        if sample.client is not None:
            clients.setdefault(sample.client, []).append(sample)
    for client, own in clients.items():
        for request, sample in enumerate(own):
            yield prompts.prompt(str(place), client, request), sample
    due = sorted((s for s in samples if s.client is None), key=_due)
    for number, sample in enumerate(due):
        yield prompts.prompt(f"open-{place}", number, 0), sample


def pairs(curve: Curve, point: RawPoint, engine: MockEngine) -> list[tuple[Sample, Emitted]]:
    """Each answered request beside what truly happened, found by the words it was asked with."""
    of = {answer.prompt[:BEGINNING]: answer for answer in engine.answers}
    place = [*curve.points, *curve.open_points].index(point)
    prompts = Prompts(curve.plan.seed, words=12)
    said = _said(prompts, point.samples, place)
    return [(s, of[words[:BEGINNING]]) for words, s in said if s.outcome == "ok"]


def agree(curve: Curve, point: RawPoint, engine: MockEngine) -> None:
    together = pairs(curve, point, engine)
    found = [1000 * ((s.first_token_s or 0.0) - s.start_s) for s, _ in together]
    true = [truth.ttft_ms for _, truth in together]
    # A request leaves before the engine has read it, and a token is seen after it has left.
    assert all(is_ >= was - ROUNDED_MS for is_, was in zip(found, true, strict=True))
    assert median(found) == pytest.approx(median(true), abs=SLACK_MS)
    true_tpot = median(mean(truth.gaps_ms) for _, truth in together)
    found_tpot = median(t for s, _ in together if (t := tpot_ms(s)) is not None)
    assert found_tpot == pytest.approx(true_tpot, rel=0.3, abs=3)


SMALL = plan(clients=(4,), output_tokens=16, requests_per_client=4)


@pytest.mark.parametrize(
    "truth",
    [
        {},
        {"jitter": 0.3},
        {"jitter": 0.5, "jitter_kind": "lognormal", "seed": 7},
        {"jitter": 0.3, "jitter_kind": "uniform"},
        {"slots": 2},
        {"keeps_alive": True},
        {"hangs_up": True},
        {"usage": False},
        {"ttft_ms": 5, "itl_ms": 2},
    ],
    ids=str,
)
def test_it_finds_what_the_engine_did(truth: dict[str, Any]) -> None:
    curve, engine = loaded(SMALL, **truth)
    [point] = curve.points
    assert {s.outcome for s in point.samples} == {"ok"}
    assert {s.output_tokens for s in point.samples} == {16}
    agree(curve, point, engine)


def test_it_is_not_fooled_by_chunks_of_several_tokens() -> None:
    curve, _ = loaded(SMALL, tokens_per_chunk=4)
    [point] = curve.points
    assert {(s.output_tokens, len(s.token_times_s)) for s in point.samples} == {(16, 4)}
    gaps = [b - a for s in point.samples for a, b in pairwise(s.token_times_s)]
    assert median(gaps) > 0.03  # four tokens come when the last of them is ready


def test_it_is_not_fooled_by_a_role_that_comes_before_the_text() -> None:
    curve, engine = loaded(SMALL, Dialect(chat=True), role_first=True, ttft_ms=80)
    [point] = curve.points
    agree(curve, point, engine)
    assert all((ttft_ms(s) or 0) >= 79 for s in point.samples)
    assert all((s.first_chunk_s or 9) < (s.first_token_s or 0) for s in point.samples)


def test_failures_that_come_by_chance_are_as_many_as_the_engine_made() -> None:
    wanted = plan(clients=(4,), output_tokens=4, requests_per_client=20)
    curve, engine = loaded(wanted, fail_share=0.3, ttft_ms=5, itl_ms=2, seed=3)
    found = summarise(curve.points[0].samples, 4)
    made = sum(engine.behaviour.fails(n) for n in range(1, engine.requests + 1))
    assert made > 0
    # Those of the warm-up are not in the point.
    assert 0 < found.failed <= made
    assert found.short == found.timeouts == 0
    assert found.ttft_ms.p50 is not None


def test_clients_who_join_slowly_make_no_figure_until_all_are_there() -> None:
    wanted = plan(clients=(4,), output_tokens=8, requests_per_client=8, ramp_s=0.8)
    curve, engine = loaded(wanted)
    [point] = curve.points
    ramp = [s for s in point.samples if s.part == "ramp"]
    assert ramp
    assert all(s.start_s < 0.8 for s in ramp)
    assert all(s.start_s >= 0.8 for s in point.samples if s.part != "ramp")
    agree(curve, point, engine)


def test_an_open_loop_sends_when_it_is_time_whatever_the_engine_does() -> None:
    """One slot, 150 ms an answer, ten a second asked for: the queue grows, and everybody's
    latency says so, for it counts from when the request was due.
    """
    wanted = plan(clients=(1,), output_tokens=6, rates_per_s=(10.0,), rate_s=3)
    curve, _ = loaded(wanted, slots=1, ttft_ms=100)
    [point] = curve.open_points
    due = [s.scheduled_s for s in point.samples]
    assert len(due) == pytest.approx(30, abs=20)
    assert all(s.scheduled_s is not None and s.start_s >= s.scheduled_s for s in point.samples)
    waits = [w for s in sorted(point.samples, key=_due) if (w := ttft_ms(s)) is not None]
    assert median(waits[-5:]) > 3 * median(waits[:5])
    found = summarise_open(point.samples, point.in_flight)
    assert not found.stable
    assert max(count for _, count in point.in_flight) >= 5


def _due(sample: Sample) -> float:
    return sample.scheduled_s or 0.0


def test_an_open_loop_that_is_kept_up_with_has_the_rate_it_asked_for() -> None:
    wanted = plan(
        clients=(1,), output_tokens=4, requests_per_client=1, rates_per_s=(20.0,), rate_s=3
    )
    curve, engine = loaded(wanted, slots=64, ttft_ms=20)
    [point] = curve.open_points
    assert {s.outcome for s in point.samples} == {"ok"}
    agree(curve, point, engine)
    found = summarise_open(point.samples, point.in_flight)
    due = sorted(_due(s) for s in point.samples)
    assert found.requests_s == pytest.approx(np.mean(len(due) / (due[-1] - due[0])), rel=0.25)
    assert found.ttft_sent_ms is not None
    assert (found.ttft_sent_ms.p50 or 0) <= (found.ttft_ms.p50 or 0)


def test_arrivals_are_the_same_again_with_the_same_seed() -> None:
    wanted = plan(clients=(1,), output_tokens=2, rates_per_s=(20.0,), rate_s=2)
    first, second = (loaded(wanted, slots=64, ttft_ms=5, itl_ms=1)[0] for _ in range(2))
    dues = [sorted(_due(s) for s in c.open_points[0].samples) for c in (first, second)]
    assert dues[0] == pytest.approx(dues[1], abs=1e-5)


def test_it_finds_the_clients_whom_an_engine_with_so_many_slots_serves_in_time() -> None:
    """Three slots: a fourth client makes everybody wait a third of an answer for a free one.

    A machine that others use at the same time may serve fewer, never more.
    """
    wanted = plan(
        clients=(1,),
        output_tokens=11,
        goodput=Targets(ttft_ms=80),
        time_limit_s=80,
    )
    curve, _ = loaded(wanted, slots=3, ttft_ms=60, itl_ms=4)
    search, asked = curve.search, wanted.goodput
    assert search is not None
    assert asked is not None
    assert search.held <= 3
    seen = [p for p in (*curve.points, *curve.tries) if len(p.samples) >= NEEDS]
    told = {p.clients: holds(summarise(p.samples, p.clients), asked) for p in seen}
    assert told[1] is not None
    assert all(held for clients, held in told.items() if clients <= search.held)
    assert [*told] == sorted(told) or search.missed is not None

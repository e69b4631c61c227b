"""What a benchmark promises is held against the figure it promises of."""

from __future__ import annotations

from benchmarks.timing import summed

TOOK_MS = [*range(1, 100), 1000.0]


def test_a_promise_is_of_the_median_unless_it_says_otherwise() -> None:
    assert summed("x", TOOK_MS, budget_ms=60).holds
    assert not summed("x", TOOK_MS, budget_ms=40).holds


def test_one_of_the_95th_percentile_looks_at_the_tail() -> None:
    assert not summed("x", TOOK_MS, budget_ms=60, promised="p95").holds
    assert summed("x", TOOK_MS, budget_ms=100, promised="p95").holds


def test_without_a_promise_there_is_nothing_to_hold() -> None:
    assert summed("x", TOOK_MS).holds is None

"""Exact: hand-made samples in, known figures out."""

from __future__ import annotations

import numpy as np
import pytest

from benchruns.host.statistics import (
    busy_window,
    distribution,
    half_width,
    itl_ms,
    judge,
    summarise,
    tpot_ms,
    ttft_ms,
)
from tests.benchruns.host.instrument import answer


def test_it_counts_the_first_token_from_the_start_of_its_own_request() -> None:
    assert ttft_ms(answer(start_s=5.0, ttft_s=0.25)) == pytest.approx(250)


def test_it_leaves_the_first_token_out_of_tpot() -> None:
    assert tpot_ms(answer(ttft_s=9.0, gap_s=0.02, tokens=5)) == pytest.approx(20)


def test_it_counts_tokens_by_usage_and_not_by_chunks() -> None:
    four_at_a_time = answer(gap_s=0.08, tokens=5, output_tokens=17)
    assert tpot_ms(four_at_a_time) == pytest.approx(4 * 80 / 16)


def test_it_knows_no_tpot_without_usage_or_with_one_token() -> None:
    assert tpot_ms(answer(output_tokens=None)) is None
    assert tpot_ms(answer(tokens=1)) is None


def test_it_takes_the_gaps_between_chunks_as_itl() -> None:
    assert itl_ms(answer(gap_s=0.03, tokens=4)) == pytest.approx([30, 30, 30])


def test_it_never_reports_nought_for_nothing() -> None:
    nothing = summarise([], clients=1)
    assert (nothing.ok, nothing.not_ok, nothing.ttft_ms.n) == (0, 0, 0)
    assert nothing.ttft_ms.p50 is None
    assert nothing.output_tok_s is None
    assert nothing.requests_s is None
    assert not nothing.stable


def test_it_never_averages_failures_in() -> None:
    slow = answer(start_s=0.0, ttft_s=60.0, outcome="failed", error="HTTP 500")
    early = answer(start_s=0.0, gap_s=5.0, outcome="short")
    found = summarise([answer(), slow, early], clients=3)
    assert (found.ok, found.not_ok) == (1, 2)
    assert found.ttft_ms.p50 == pytest.approx(100)
    assert found.itl_ms.p50 == pytest.approx(20)
    assert found.verdict == "2 requests did not go well"


def test_it_adds_up_all_clients_for_the_rate() -> None:
    both = [answer(ttft_s=0.2, gap_s=0.2, tokens=5) for _ in range(2)]
    found = summarise(both, clients=2)
    assert found.output_tok_s == pytest.approx(10 / 1.0)
    assert found.requests_s == pytest.approx(2.0)


def test_it_does_not_let_the_tail_of_a_closed_loop_dilute_the_rate() -> None:
    """Client A answers in 1 s, client B in 3 s: after 1 s one of them has nothing to do."""
    quick = answer(ttft_s=0.1, gap_s=0.1, tokens=10)
    slow = answer(ttft_s=0.3, gap_s=0.3, tokens=10)
    assert busy_window([quick, slow], clients=2) == pytest.approx((0.0, 1.0))
    found = summarise([quick, slow], clients=2)
    assert found.output_tok_s == pytest.approx(10 + 3)
    assert found.requests_s == pytest.approx(1 + 1 / 3, abs=1e-4)


def test_it_begins_the_window_at_the_first_request() -> None:
    late = [answer(start_s=4.0, ttft_s=0.5, gap_s=0.5, tokens=2)]
    assert summarise(late, clients=1).output_tok_s == pytest.approx(2.0)


def test_it_gives_tokens_per_second_of_one_user_as_the_inverse_of_tpot() -> None:
    found = summarise([answer(gap_s=0.05)] * 3, clients=1)
    assert found.tok_s_per_user.p50 == pytest.approx(20)


@pytest.mark.parametrize(
    ("values", "known"),
    [(9, set()), (10, {"p90"}), (20, {"p5", "p90", "p95"}), (100, {"p5", "p90", "p95", "p99"})],
)
def test_it_states_a_percentile_only_where_there_are_values_for_it(
    values: int, known: set[str]
) -> None:
    found = distribution([[float(v)] for v in range(values)])
    given = {q for q in ("p5", "p90", "p95", "p99") if getattr(found, q) is not None}
    assert given == known


def test_it_agrees_with_numpy_about_percentiles() -> None:
    values = np.random.default_rng(3).gamma(2, 50, 500)
    found = distribution([[float(v)] for v in values])
    expected = np.percentile(values, [50, 90, 95, 99, 5])
    assert [found.p50, found.p90, found.p95, found.p99, found.p5] == pytest.approx(
        list(expected), abs=1e-4
    )


def test_its_interval_holds_the_true_median_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(7)
    hits = 0
    for trial in range(50):
        found = distribution([[float(v)] for v in draw.normal(100, 10, 40)], seed=trial)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 100 <= found.high
    assert 43 <= hits <= 50


def test_it_gives_no_interval_for_a_handful_of_values() -> None:
    found = distribution([[1.0], [2.0], [3.0], [4.0]])
    assert (found.p50, found.low, found.high) == (2.5, None, None)
    assert half_width(found) is None


def test_it_resamples_whole_requests_because_gaps_within_one_are_alike() -> None:
    """Forty gaps from two speeds of request are not forty independent values."""
    slow, fast = [30.0] * 10, [20.0] * 10
    grouped = distribution([slow, fast, slow, fast, slow, fast])
    assert (grouped.low, grouped.high) == (20.0, 30.0)


def test_it_says_the_same_twice() -> None:
    groups = [[float(v)] for v in range(30)]
    assert distribution(groups) == distribution(groups)


@pytest.mark.parametrize(
    ("rates", "not_ok", "verdict"),
    [
        ([20.0, 20.1, 19.9], 0, "stable"),
        ([20.0, 20.0], 0, "too few requests to tell (2)"),
        ([20.0, 20.0, 20.0], 1, "1 request did not go well"),
        ([10.0, 20.0, 30.0], 0, "tokens/s per user are known to ±50% only, from 3 requests"),
        ([6.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 34.0], 0, "stable"),
        ([20.0] * 4 + [17.0] * 4, 0, "speed drifted by -15% meanwhile"),
    ],
)
def test_it_says_whether_numbers_can_be_leant_on(
    rates: list[float], not_ok: int, verdict: str
) -> None:
    assert judge(rates, not_ok=not_ok) == verdict

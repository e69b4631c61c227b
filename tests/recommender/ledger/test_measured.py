"""Stored measurements held against test plans, in both directions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommender.evidence import MeasuredPoint, Measurement
from recommender.ledger import measured
from recommender.ledger.finding import Stance, Status, Tier
from recommender.ledger.load import load
from recommender.ledger.plans import TestPlan
from recommender.ledger.verdict import Verdict, combine, judge
from tests.recommender.ledger.made import measurement, point


def plan_of(claim: str) -> TestPlan:
    return load().tests[claim]


def verdict_from(plan: TestPlan, runs: list[Measurement]) -> Verdict:
    """What the measurements alone say of the claim that the plan tests."""
    found = [replace(finding, part=None) for finding in measured.findings(plan, runs)]
    return combine(plan.claim, found)


def llama(*points: MeasuredPoint, **changes: Any) -> Measurement:
    return measurement("llama.cpp", *points, variant="tuned", quant="Q8_0", **changes)


def test_four_answers_written_at_a_time_refute_one_request_at_a_time() -> None:
    runs = [llama(point(1, 45), point(4, 72, each=19))]
    verdict = verdict_from(plan_of("a4.c5"), runs)
    assert verdict.status is Status.REFUTED
    assert verdict.decided_by is Tier.MEASURED
    assert verdict.findings[0].value == pytest.approx(72 / 19)
    assert verdict.findings[0].url == "/runs/1/"


def test_one_answer_after_the_other_would_support_it() -> None:
    runs = [llama(point(1, 45), point(4, 46, each=45))]
    assert verdict_from(plan_of("a4.c5"), runs).status is Status.HOLDS


def test_a_machine_that_gains_nothing_from_batching_still_shows_it() -> None:
    """Short of arithmetic, four clients get no more done than one; all the same they overlap."""
    runs = [llama(point(1, 144), point(4, 145, each=37))]
    assert verdict_from(plan_of("a4.c5"), runs).status is Status.REFUTED


def test_between_the_thresholds_it_decides_nothing() -> None:
    runs = [llama(point(1, 45), point(4, 50, each=38))]
    assert verdict_from(plan_of("a4.c5"), runs).status is Status.UNTESTED


def test_an_unstable_run_decides_nothing() -> None:
    runs = [llama(point(1, 45), point(4, 72, each=19, stable=False))]
    verdict = verdict_from(plan_of("a4.c5"), runs)
    assert verdict.status is Status.UNTESTED
    assert {finding.stance for finding in verdict.findings} == {Stance.BEARS}
    assert all("unstable, so it decides nothing" in f.text for f in verdict.findings)


def test_a_figure_nobody_measured_is_not_zero() -> None:
    runs = [llama(point(1, None), point(4, None))]
    assert verdict_from(plan_of("a4.c5"), runs).findings == ()


def pair(vllm: float, ollama: float, clients: int = 4, **changes: Any) -> list[Measurement]:
    return [
        measurement("vllm", point(clients, vllm), **changes),
        measurement("ollama", point(clients, ollama), **changes),
    ]


@pytest.mark.parametrize(
    ("vllm", "ollama", "status"),
    [
        (400, 100, Status.HOLDS),
        (290, 100, Status.HOLDS),  # within 5 % of three times
        (520, 100, Status.HOLDS),
        (200, 100, Status.REFUTED),
        (700, 100, Status.REFUTED),
    ],
)
def test_it_weighs_three_to_five_times(vllm: float, ollama: float, status: Status) -> None:
    assert verdict_from(plan_of("a1.c2"), pair(vllm, ollama)).status is status


def test_it_needs_several_clients_for_a_claim_about_load() -> None:
    assert verdict_from(plan_of("a1.c2"), pair(400, 100, clients=1)).findings == ()


def test_it_compares_one_client_where_the_claim_does() -> None:
    assert verdict_from(plan_of("a1.c3"), pair(105, 100, clients=1)).status is Status.HOLDS
    assert verdict_from(plan_of("a1.c3"), pair(150, 100, clients=1)).status is Status.REFUTED
    assert verdict_from(plan_of("a1.c3"), pair(60, 100, clients=1)).status is Status.REFUTED


@pytest.mark.parametrize(
    "change",
    [
        {"host_id": 2},
        {"host": "bob"},
        {"model": "llama-3.1-8b"},
        {"machine": "other"},
        {"output_tokens": 512},
    ],
)
def test_it_never_compares_two_machines_or_two_models(change: dict[str, Any]) -> None:
    vllm, ollama = pair(400, 100)
    assert verdict_from(plan_of("a1.c2"), [vllm, replace(ollama, **change)]).findings == ()


def test_it_never_compares_an_engine_set_for_the_load_with_one_as_shipped() -> None:
    vllm, ollama = pair(400, 100)
    tuned = replace(ollama, variant="tuned")
    assert verdict_from(plan_of("a1.c2"), [vllm, tuned]).findings == ()


def test_the_newest_of_two_runs_counts() -> None:
    vllm, ollama = pair(400, 100)
    later = replace(
        vllm, measured_at=vllm.measured_at + timedelta(days=1), points=(point(4, 1000),)
    )
    verdict = verdict_from(plan_of("a1.c2"), [later, vllm, ollama])
    assert verdict.status is Status.REFUTED
    assert len(verdict.findings) == 1


def test_it_says_where_engines_part_and_where_they_do_not() -> None:
    runs = [*pair(400, 100), *pair(900, 100, host="bob", hardware="nvidia")]
    verdict = verdict_from(plan_of("a1.c2"), runs)
    assert (verdict.status, verdict.condition) == (
        Status.HOLDS_ONLY_IF,
        "it runs without a GPU",
    )


def test_a_claim_about_nvidia_is_not_settled_on_a_cpu() -> None:
    plan = plan_of("a3.c1")
    assert verdict_from(plan, pair(400, 100)).status is Status.UNTESTED
    assert verdict_from(plan, pair(400, 100, hardware="nvidia")).status is Status.HOLDS


def test_it_sees_that_ollama_as_shipped_differs_from_ollama_with_slots() -> None:
    runs = [
        measurement("ollama", point(1, 60), point(4, 61, each=60), quant="Q8_0"),
        measurement("ollama", point(1, 60), point(4, 110, each=29), quant="Q8_0", variant="tuned"),
    ]
    verdict = verdict_from(plan_of("a2.c11"), runs)
    assert (verdict.status, verdict.condition) == (
        Status.HOLDS_ONLY_IF,
        "it is left as it ships",
    )


def test_an_engine_that_carries_five_clients_does_not_break_down() -> None:
    good = measurement("ollama", point(1, 60), point(5, 58))
    assert verdict_from(plan_of("a5.c1"), [good]).status is Status.REFUTED


@pytest.mark.parametrize(
    "five",
    [
        point(5, 30),  # half of what one client gets
        point(5, 60, ttft_p95_ms=12_000.0),
        point(5, None),
    ],
)
def test_an_engine_that_slows_waits_or_falls_silent_breaks_down(five: MeasuredPoint) -> None:
    bad = measurement("ollama", point(1, 60), five)
    assert verdict_from(plan_of("a5.c1"), [bad]).status is Status.HOLDS


def test_the_other_half_of_that_claim_is_judged_by_itself() -> None:
    runs = [
        measurement("ollama", point(1, 60), point(5, 58)),
        measurement("llama.cpp", point(1, 60), point(5, 90), variant="tuned"),
    ]
    verdict = judge("a5.c1", runs)
    assert verdict.status is Status.HOLDS_ONLY_IF
    assert "llama.cpp carries 5 at once: holds" in verdict.sentence


def test_a_run_here_replaces_what_was_published_under_the_same_conditions() -> None:
    runs = pair(400, 100, hardware="nvidia")
    verdict = judge("a1.c2", runs)
    replaced = [finding for finding in verdict.findings if finding.superseded]
    assert {finding.scope.hardware for finding in replaced} == {"nvidia"}
    assert {finding.scope.variant for finding in replaced} == {"as-shipped"}
    assert verdict.decided_by is Tier.MEASURED


def test_arithmetic_outranks_a_run() -> None:
    assert judge("a4.c1", [llama(point(1, 45), point(4, 72))]).status is Status.IMPOSSIBLE


def test_it_says_whose_weights_they_were() -> None:
    runs = [llama(point(1, 45), point(4, 72, each=19), synthetic_weights=False)]
    assert "real weights" in verdict_from(plan_of("a4.c5"), runs).findings[0].text


def test_an_unstable_run_does_not_show_that_an_engine_carries_the_load() -> None:
    shaky = measurement("ollama", point(1, 60), point(5, 58, stable=False))
    assert verdict_from(plan_of("a5.c1"), [shaky]).status is Status.UNTESTED


def test_silence_is_a_breakdown_however_unstable() -> None:
    silent = measurement("ollama", point(1, 60), point(5, None, stable=False))
    assert verdict_from(plan_of("a5.c1"), [silent]).status is Status.HOLDS

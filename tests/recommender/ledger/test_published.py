"""Published measurements, found by code."""

from __future__ import annotations

import pytest

from recommender.ledger import calibration, published
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.load import load
from recommender.ledger.published import ratios
from recommender.ledger.schema import Deficit, Pair, Ratio


def found(claim: str) -> tuple[Finding, ...]:
    return published.findings(load(), load().claims[claim])


def values(claim: str, stance: Stance) -> list[float]:
    return sorted(round(f.value, 1) for f in found(claim) if f.stance is stance and f.value)


def test_three_to_five_times_is_found_with_four_clients_only() -> None:
    assert values("a1.c2", Stance.SUPPORTS) == [3.3, 3.4]
    assert values("a1.c2", Stance.CONTRADICTS) == [5.9, 16.6, 17.3, 19.3]


def test_the_figures_a_claim_repeats_are_marked_as_such() -> None:
    origins = {f.title for f in found("a2.c4") if f.origin}
    assert len(origins) == 1
    assert "Red Hat" in origins.pop()
    assert not any(f.origin for f in found("a1.c2"))


def test_llama_cpp_is_found_to_batch_in_the_calibration_data() -> None:
    growths = values("a4.c5", Stance.CONTRADICTS)
    assert len(growths) >= 10
    assert min(growths) > 2
    assert values("a4.c5", Stance.SUPPORTS) == []


def test_it_finds_single_streams_on_the_claims_own_card() -> None:
    texts = [f.text for f in found("a2.c1") if f.stance is Stance.CONTRADICTS]
    assert any("llama.cpp reached 128 tok/s with Llama 3 8B in Q4_K_M" in text for text in texts)


def test_another_engines_speed_only_bears_on_a_claim() -> None:
    about_vllm = [f for f in found("a2.c1") if f.part == 0]
    assert {f.stance for f in about_vllm} == {Stance.BEARS}


def test_figures_too_coarse_to_tell_decide_nothing() -> None:
    """14 against 16 tok/s may be 7 % or 22 % apart, rounded as they are."""
    coarse = [f for f in found("a4.c2") if f.scope.model.startswith("Qwen 3.5 9B")]
    assert [f.stance for f in coarse] == [Stance.BEARS]


def test_eight_cores_are_what_two_minutes_of_compiling_take() -> None:
    (built,) = found("a1.c4")
    assert (built.stance, built.only_if) == (
        Stance.ONLY_IF,
        "about 8 cores or more compile it",
    )


def test_one_engine_at_two_precisions_differs_more_than_the_engines_do() -> None:
    assert {f.stance for f in found("a2.c2")} == {Stance.SUPPORTS}
    assert any("54 tok/s in F16 to 128 in Q4_K_M, 2.4 times" in f.text for f in found("a2.c2"))


def test_a_wait_of_32_seconds_is_not_acceptable() -> None:
    assert [f.stance for f in found("a3.c2") if f.decides] == [Stance.CONTRADICTS] * 2


def test_every_published_finding_leads_somewhere_or_says_that_it_cannot() -> None:
    for claim in load().claims:
        for finding in found(claim):
            assert finding.url.startswith("https://") or finding.source in {"unlinked", "adr-0008"}


def test_calibration_rows_that_contradict_their_own_source_are_left_out() -> None:
    assert "cal-0326" not in {row.id for row in calibration.rows()}


def test_calibration_rows_of_different_precision_are_not_compared() -> None:
    for one in found("a2.c6"):
        assert one.source != "calibration" or one.scope.same_quant


@pytest.mark.parametrize(
    ("clients", "wanted", "inside"),
    [
        (4, (2, None), True),
        (1, (2, None), False),
        (None, (2, None), True),
        (None, (1, 1), False),
        (None, (10, 1000), True),
        (50, (50, 50), True),
        (64, (8, 16), False),
    ],
)
def test_it_compares_at_the_claims_own_load(
    clients: int | None, wanted: tuple[int, int | None], *, inside: bool
) -> None:
    assert ratios.at_load(clients, wanted) is inside


def test_slack_depends_on_how_exact_the_claim_is() -> None:
    ratio = Ratio(kind="ratio", engine="vllm", against="ollama", low=3, high=5)
    deficit = Deficit(
        kind="deficit", engine="ollama", against="vllm", low=0, high=0.1, either_way=True
    )
    pair = Pair(kind="pair", engine="vllm", value=793, against="ollama", against_value=41)
    assert ratios.accepted(ratio) == (pytest.approx(2.85), pytest.approx(5.25))
    assert ratios.accepted(deficit) == (pytest.approx(0.882), pytest.approx(1.133, abs=0.001))
    assert ratios.accepted(pair) == (pytest.approx(15.5, abs=0.1), pytest.approx(23.2, abs=0.1))

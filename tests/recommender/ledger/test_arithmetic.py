"""What arithmetic says, with the numbers one can check by hand."""

from __future__ import annotations

import pytest

from recommender.ledger import arithmetic
from recommender.ledger.checks.limits import ceiling_tok_s, size_check, speed_check
from recommender.ledger.finding import Stance, Status, Tier
from recommender.ledger.load import load
from recommender.ledger.schema import FileSize, Speed
from recommender.ledger.verdict import judge

A_4090_GB_S = 1008


def speed(claim: str, part: int = 0) -> Speed:
    found = load().claims[claim].quantities[part]
    assert isinstance(found, Speed)
    return found


def test_eight_billion_weights_in_16_bits_are_16_gb() -> None:
    assert arithmetic.weights_gb(8.03e9, 16) == pytest.approx(16.06)
    assert arithmetic.bits_per_weight(8.03e9, 4.92) == pytest.approx(4.90, abs=0.01)


def test_a_card_cannot_decode_faster_than_it_reads() -> None:
    assert arithmetic.decode_limit_tok_s(A_4090_GB_S, 16.06) == pytest.approx(62.8, abs=0.05)
    assert arithmetic.decode_limit_tok_s(A_4090_GB_S, 40) == pytest.approx(25.2)
    assert arithmetic.decode_limit_tok_s(A_4090_GB_S, 40, streams=32) == pytest.approx(806.4)


def test_gib_and_gb_are_not_mixed_up() -> None:
    assert arithmetic.fits(25.7, 24)
    assert not arithmetic.fits(25.8, 24)
    assert arithmetic.spilled_gb(39.68, 24) == pytest.approx(13.91, abs=0.01)
    assert arithmetic.spilled_gb(20, 24) == 0


def test_what_is_30_to_40_percent_lower_is_1_43_to_1_67_times_slower() -> None:
    assert arithmetic.ratio_of_deficit(0.30) == pytest.approx(1.43, abs=0.005)
    assert arithmetic.ratio_of_deficit(0.40) == pytest.approx(1.67, abs=0.005)
    assert not arithmetic.overlap((1.43, 1.67), (3, 5))
    assert arithmetic.overlap((3, 5), (5, None))


def test_475_seconds_on_two_cores_need_eight_for_two_minutes() -> None:
    assert arithmetic.cores_for(475, 2, 120) == pytest.approx(7.92, abs=0.01)


def test_71_tok_s_are_impossible_where_the_memory_allows_63() -> None:
    stance, text = speed_check(speed("a2.c1"))
    assert stance is Stance.IMPOSSIBLE
    assert "16.1 GB" in text
    assert "1,008 GB/s" in text
    assert "at most 63 tok/s" in text
    assert "yet 71 is claimed" in text
    verdict = judge("a2.c1")
    assert (verdict.status, verdict.decided_by) == (Status.IMPOSSIBLE, Tier.ARITHMETIC)


def test_it_grants_the_strict_limit_before_it_says_impossible() -> None:
    """A step looks one row of the input embedding up; even without that matrix 71 is too much."""
    assert ceiling_tok_s(speed("a2.c1")) == pytest.approx(67.2, abs=0.1)


def test_slower_claims_for_the_same_card_are_not_ruled_out() -> None:
    stance, text = speed_check(speed("a2.c1", 1))
    assert stance is Stance.BEARS
    assert "65 claimed are not ruled out" in text


def test_70_billion_weights_in_4_bits_neither_fit_nor_run_at_36() -> None:
    stance, text = speed_check(speed("a4.c1"))
    assert stance is Stance.IMPOSSIBLE
    assert "40 to 42 GB" in text
    assert "the card has 24 GB" in text
    assert "at most 25 tok/s, yet 36 is claimed" in text
    assert judge("a4.c1").status is Status.IMPOSSIBLE


def test_a_batch_of_32_cannot_outrun_the_link_to_the_card() -> None:
    stance, text = speed_check(speed("a4.c3"))
    assert stance is Stance.IMPOSSIBLE
    assert "At least 14 GB would have to cross PCI Express" in text
    assert ceiling_tok_s(speed("a4.c3")) == pytest.approx(72.5, abs=0.3)


def test_a_possible_batch_is_not_called_impossible() -> None:
    modest = speed("a4.c3").model_copy(update={"value": 60.0})
    assert speed_check(modest)[0] is Stance.BEARS


def test_q4_k_m_is_4_9_gb_and_not_4() -> None:
    (size,) = (q for q in load().claims["a2.c8"].quantities if isinstance(q, FileSize))
    stance, text = size_check(size)
    assert stance is Stance.CONTRADICTS
    assert "at 4.5 bits are 4.5 GB, not 4" in text
    assert "a file of 4.9 GB" in text
    assert judge("a2.c8").status is Status.REFUTED


def test_an_honest_size_is_supported() -> None:
    honest = FileSize(kind="file-size", model="llama-3.1-8b", quant="Q4_K_M", bits=4.9, gb=4.9)
    assert size_check(honest)[0] is Stance.SUPPORTS


def test_793_over_41_is_19_times_and_excludes_6_times() -> None:
    texts = [finding.text for finding in judge("a2.c4").of(Tier.ARITHMETIC)]
    assert "793 over 41 is 19.3 times." in texts
    assert any("Excludes a2.c5 of the same article" in text for text in texts)


def test_a_claim_that_excludes_itself_is_told_so() -> None:
    texts = [f.text for f in judge("a2.c5").findings if f.stance is Stance.CONTRADICTS]
    assert any(text.startswith("It excludes itself") for text in texts)


def test_the_same_article_says_both_30_percent_and_3_times() -> None:
    texts = [finding.text for finding in judge("a1.c1").of(Tier.ARITHMETIC)]
    assert "30 to 40 % lower, read the other way round, is 1.43 to 1.67 times." in texts
    assert any("Excludes a1.c2 of the same article" in text for text in texts)


def test_an_explanation_by_size_must_point_the_way_size_acts() -> None:
    """Fewer bits are read faster, so they cannot be why the 4-bit engines are behind."""
    (finding,) = judge("a2.c2").of(Tier.ARITHMETIC)
    assert finding.stance is Stance.CONTRADICTS
    assert "3.6 times" in finding.text

from __future__ import annotations

from benchruns.host import marks
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer


def test_it_says_nothing_about_clean_answers() -> None:
    assert list(marks.of_samples([answer(), answer()], prompt_tokens=16)) == []


def test_it_speaks_up_about_a_prefix_cache() -> None:
    [mark] = marks.of_samples([answer(cached_tokens=12)], prompt_tokens=16)
    assert "12 prompt tokens came from a cache" in mark


def test_it_speaks_up_when_tokens_were_not_counted() -> None:
    [mark] = marks.of_samples([answer(output_tokens=None)], prompt_tokens=16)
    assert "no usage" in mark


def test_it_speaks_up_about_prompts_of_another_length() -> None:
    [mark] = marks.of_samples([answer(prompt_tokens=40)], prompt_tokens=16)
    assert mark == "prompts had 40 to 40 tokens instead of 16"


def test_it_counts_what_went_wrong_with_the_first_reason() -> None:
    bad = answer(outcome="failed", error="HTTP 500: no memory")
    assert list(marks.of_samples([answer(), bad], prompt_tokens=16)) == [
        "1 of 2 requests failed: HTTP 500: no memory"
    ]


def test_it_speaks_up_about_rates_that_memory_cannot_deliver() -> None:
    summary = summarise([answer(gap_s=0.001)] * 3, clients=1)
    [mark] = marks.of_rates(summary, ceiling_tok_s=100)
    assert mark.startswith("1000 tokens/s per user is more than memory can deliver (100 at most)")
    assert list(marks.of_rates(summary, ceiling_tok_s=1200)) == []
    assert list(marks.of_rates(summary, ceiling_tok_s=None)) == []


def test_it_speaks_up_about_itself() -> None:
    assert list(marks.of_client(2.0)) == []
    assert list(marks.of_client(None)) == []
    assert list(marks.of_client(40.0)) == ["the load generator itself was up to 40 ms late (p99)"]


def test_it_speaks_up_about_others() -> None:
    assert list(marks.of_others(3.0)) == []
    assert list(marks.of_others(None)) == []
    assert list(marks.of_others(12.0)) == ["other processes used 12 % of the processor meanwhile"]


def test_figures_are_not_stable_where_others_had_much_of_the_machine() -> None:
    assert marks.disturbed(None) == marks.disturbed(12.0) == ""
    assert marks.disturbed(42.0) == "other processes used 42 % of the processor"


def test_it_speaks_up_about_swapping() -> None:
    assert list(marks.of_memory(0.0)) == []
    assert list(marks.of_memory(2.0)) == ["the machine swapped 2.0 GiB meanwhile"]

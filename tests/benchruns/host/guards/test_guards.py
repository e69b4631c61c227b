from __future__ import annotations

from collections.abc import Iterable

import pytest

from benchruns.host.document import ClientLoad, Conditions, Finding
from benchruns.host.guards import IDS, answers, found, machine, rates
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer


def said(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return [(f.guard, f.severity, f.sentence) for f in findings]


def test_there_is_no_finding_of_a_guard_in_no_list() -> None:
    with pytest.raises(KeyError):
        found("made-up", "something")
    assert found("swapping", "it swapped", gib=2.0).evidence == {"gib": 2.0}
    assert "swapping" in IDS


def test_it_says_nothing_about_clean_answers() -> None:
    assert said(answers.of_samples([answer(), answer()], prompt_tokens=16)) == []


@pytest.mark.parametrize(("cached", "severity"), [(1, "mark"), (12, "refuse")])
def test_a_prefix_cache_is_marked_and_refused_where_it_changes_ttft(
    cached: int, severity: str
) -> None:
    [finding] = answers.of_samples([answer(cached_tokens=cached)], prompt_tokens=16)
    assert (finding.guard, finding.severity) == ("prefix-cache", severity)
    assert f"{cached} prompt tokens came from a cache" in finding.sentence
    assert finding.evidence["most_cached_tokens"] == cached


def test_a_cache_that_held_a_third_of_the_prompts_whole_is_no_small_matter() -> None:
    """The typical prompt had nothing cached, and yet every third first token was too fast."""
    clean, cached = answer(prompt_tokens=16), answer(prompt_tokens=16, cached_tokens=15)
    [(_, severity, _)] = said(answers.of_samples([clean, clean, cached], 16))
    assert severity == "refuse"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"output_tokens": None}, "there are no rates"),
        ({"counted_by": "chunks"}, "each chunk with text was taken for one token"),
        ({"counted_by": "length"}, "stopped at the asked length"),
    ],
)
def test_it_speaks_up_when_usage_was_missing(how: dict[str, object], words: str) -> None:
    [finding] = answers.of_samples([answer(**how)], prompt_tokens=16)
    assert (finding.guard, finding.severity) == ("usage-missing", "mark")
    assert words in finding.sentence


def test_it_speaks_up_about_a_first_chunk_that_came_long_before_the_text() -> None:
    late = answer(ttft_s=0.5, first_chunk_s=0.1)
    [finding] = answers.of_samples([late], prompt_tokens=16)
    assert finding.guard == "first-chunk-empty"
    assert finding.evidence["before_ms"] == 400
    soon = answer(ttft_s=0.5, first_chunk_s=0.499)
    assert said(answers.of_samples([soon], prompt_tokens=16)) == []


def test_it_speaks_up_about_prompts_of_another_length() -> None:
    [finding] = answers.of_samples([answer(prompt_tokens=40)], prompt_tokens=16)
    assert finding.sentence == "prompts had 40 to 40 tokens instead of 16"
    drawn = answers.of_samples([answer(prompt_tokens=40)], prompt_tokens=16, lengths_differ=True)
    assert said(drawn) == []


def test_it_counts_what_went_wrong_with_the_first_reason() -> None:
    bad = answer(outcome="failed", error="HTTP 500: no memory")
    assert said(answers.of_samples([answer(), bad], prompt_tokens=16)) == [
        ("failures", "mark", "1 of 2 requests failed: HTTP 500: no memory")
    ]


def test_a_result_of_which_most_requests_went_wrong_is_refused() -> None:
    bad = answer(outcome="short")
    [finding] = answers.of_samples([answer(), bad, bad], prompt_tokens=16)
    assert (finding.guard, finding.severity) == ("output-short", "refuse")


def test_rates_that_memory_cannot_deliver_are_refused() -> None:
    summary = summarise([answer(gap_s=0.001)] * 3, clients=1)
    [finding] = rates.of_rates(summary, ceiling_tok_s=100)
    assert (finding.guard, finding.severity) == ("above-roofline", "refuse")
    assert finding.sentence.startswith(
        "1000 tokens/s per user is more than memory can deliver (100 at most)"
    )
    assert said(rates.of_rates(summary, ceiling_tok_s=1200)) == []
    assert said(rates.of_rates(summary, ceiling_tok_s=None)) == []


def test_it_speaks_up_about_itself() -> None:
    assert said(rates.of_client(2.0)) == []
    assert said(rates.of_client(None)) == []
    assert said(rates.of_client(40.0)) == [
        ("client-lag", "mark", "the load generator itself was up to 40 ms late (p99)")
    ]


def test_figures_are_refused_where_the_client_was_the_bottleneck() -> None:
    idle = ClientLoad(cpu_s=1.0, cpu_s_per_1000_tokens=0.1, busy=0.4)
    assert said(rates.of_client(2.0, idle)) == []
    [finding] = rates.of_client(2.0, idle.model_copy(update={"busy": 0.97}))
    assert (finding.guard, finding.severity) == ("client-lag", "refuse")
    assert finding.sentence == "the load generator was the bottleneck: it used 97% of a core"


def test_it_speaks_up_about_others() -> None:
    assert said(machine.of_others(3.0)) == []
    assert said(machine.of_others(None)) == []
    assert said(machine.of_others(12.0)) == [
        ("competing-load", "mark", "other processes used 12 % of the processor meanwhile")
    ]


def test_figures_are_not_stable_where_others_had_much_of_the_machine() -> None:
    assert machine.disturbed(None) == machine.disturbed(12.0) == ""
    assert machine.disturbed(42.0) == "other processes used 42 % of the processor"


@pytest.mark.parametrize(
    ("seen", "guard", "words"),
    [
        ({"swapped_gib": 2.0}, "swapping", "the machine swapped 2.0 GiB meanwhile"),
        ({"steal_percent": 12.0}, "stolen-time", "took 12 % of its processor"),
        ({"cpu_throttle_events": 3}, "throttled", "throttled for its temperature 3 times"),
        ({"gpu_throttled_by": ("power",)}, "throttled", "the GPU was slowed down: power"),
        ({"gpu_others": 1}, "gpu-shared", "1 other process used the GPU meanwhile"),
    ],
)
def test_it_speaks_up_about_the_machine(seen: dict[str, object], guard: str, words: str) -> None:
    [finding] = machine.of_conditions(Conditions.model_validate(seen))
    assert (finding.guard, finding.severity) == (guard, "mark")
    assert words in finding.sentence


def test_it_says_nothing_about_a_quiet_machine() -> None:
    quiet = Conditions(swapped_gib=0.0, steal_percent=0.4, cpu_throttle_events=0, gpu_others=0)
    assert said(machine.of_conditions(quiet)) == []
    assert said(machine.of_conditions(Conditions())) == []

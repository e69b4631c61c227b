from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from recommender import measured
from recommender.facts import Facts
from recommender.measured import Target
from recommender.recommendation import Basis
from tests.recommender.made import Notebook, measurement, point

TEN = Target(10.0, None)


def test_no_target_is_neither_met_nor_missed() -> None:
    assert not Target(None, None)
    assert Target(None, None).met(50.0, 10.0) is None


def test_a_target_needs_both_figures() -> None:
    both = Target(10.0, 500.0)

    assert both.met(12.0, 400.0) is True
    assert both.met(12.0, 600.0) is False
    assert both.met(8.0, None) is False
    assert both.met(12.0, None) is None


def test_it_reads_the_point_at_the_stated_users() -> None:
    told = measured.verdict(measurement("ollama", point(1, 30.0), point(4, 9.0)), 4, TEN)

    assert told is not None
    assert (told[0], told[1].clients) == (False, 4)


def test_fewer_clients_that_miss_already_prove_a_miss() -> None:
    told = measured.verdict(measurement("ollama", point(2, 9.0), point(4, 5.0)), 8, TEN)

    assert told is not None
    assert told[0] is False


def test_fewer_clients_that_meet_it_prove_nothing() -> None:
    assert measured.verdict(measurement("ollama", point(2, 30.0)), 8, TEN) is None


def test_more_clients_that_still_meet_it_prove_it() -> None:
    told = measured.verdict(measurement("ollama", point(8, 12.0)), 4, TEN)

    assert told is not None
    assert told[0] is True


def test_the_next_larger_load_counts_where_nothing_smaller_was_measured() -> None:
    told = measured.verdict(measurement("ollama", point(4, 9.0), point(8, 3.0)), 2, TEN)

    assert told is not None
    assert (told[0], told[1].clients) == (False, 4)


def test_a_load_in_between_is_not_guessed() -> None:
    assert measured.verdict(measurement("ollama", point(1, 30.0), point(4, 9.0)), 2, TEN) is None


def test_a_point_without_figures_tells_nothing() -> None:
    assert measured.verdict(measurement("ollama", point(4, None, None)), 4, TEN) is None


def test_it_takes_the_tail_rather_than_the_median() -> None:
    tail = replace(point(4, 30.0), tok_s_per_user_p5=8.0, ttft_p95_ms=900.0)

    assert measured.cautious(tail) == (8.0, 900.0)


def test_a_known_device_wants_a_measurement_on_that_device() -> None:
    on_card = measurement("vllm", hardware="nvidia", device="rtx-4090", accelerators=1)
    other = measurement("vllm", hardware="nvidia", device=None, accelerators=1)
    notes = Notebook(on_card, other)

    named = Facts(hardware="nvidia", device="rtx-4090")
    assert measured.applying(notes, replace(named, memory_gb=24)) == (on_card,)
    assert measured.applying(notes, replace(named, memory_gb=80)) == ()
    assert measured.applying(notes, replace(named, gpus=4)) == ()


def test_a_card_speaks_for_no_card_that_nobody_named() -> None:
    notes = Notebook(measurement("vllm", hardware="nvidia", device="h200", accelerators=1))

    assert measured.applying(notes, Facts(hardware="nvidia")) == ()


@pytest.mark.parametrize(
    "said",
    [{"os": "windows"}, {"arch": "arm64"}, {"memory_gb": 64.0}, {"gpus": 2}],
)
def test_a_processor_described_otherwise_is_another_machine(said: dict[str, Any]) -> None:
    notes = Notebook(measurement("ollama"))
    same = Facts(hardware="cpu", os="linux", arch="x86_64", memory_gb=24.0)

    assert len(measured.applying(notes, Facts(hardware="cpu"))) == 1
    assert len(measured.applying(notes, same)) == 1
    assert measured.applying(notes, replace(same, **said)) == ()


@pytest.mark.parametrize("hardware", [None, "none-yet", "apple"])
def test_another_machine_says_nothing(hardware: str | None) -> None:
    assert measured.applying(Notebook(measurement("vllm")), Facts(hardware=hardware)) == ()


def test_the_basis_says_whether_it_was_this_device() -> None:
    assert measured.basis(Facts(hardware="cpu")) is Basis.MEASURED_HERE
    assert measured.basis(Facts(device="rtx-4090")) is Basis.MEASURED_SAME_DEVICE


def test_a_measurement_set_for_the_load_comes_before_as_shipped() -> None:
    shipped, tuned = measurement("ollama", variant="as-shipped"), measurement("ollama")

    found = measured.of_engine((shipped, tuned), "ollama", "llama-3.2-3b", "Q4_K_M")

    assert found is tuned


@pytest.mark.parametrize("variant", ["tuned", "as-shipped"])
def test_ones_own_machine_comes_before_a_strangers_newer_figure(variant: str) -> None:
    stranger, own = measurement("ollama", own=False), measurement("ollama", variant=variant)

    found = measured.of_engine((stranger, own), "ollama", "llama-3.2-3b", "Q4_K_M")

    assert found is own
    assert measured.of_engine((stranger,), "ollama", "llama-3.2-3b", "Q4_K_M") is stranger


def test_another_quantisation_is_another_thing() -> None:
    found = (measurement("ollama", quant="Q8_0"),)

    assert measured.of_engine(found, "ollama", "llama-3.2-3b", "Q4_K_M") is None


def test_it_needs_a_clear_lead_to_beat() -> None:
    mine, close, clear = point(4, 10.0), point(4, 10.5), point(4, 12.0)

    assert measured.beaten(mine, close, "throughput") is None
    assert measured.beaten(mine, clear, "throughput") == (40.0, 48.0)
    assert measured.beaten(clear, mine, "throughput") is None


def test_a_smaller_wait_beats_in_latency() -> None:
    slow, quick = point(4, 10.0, 400.0), point(4, 10.0, 200.0)

    assert measured.beaten(slow, quick, "latency") == (400.0, 200.0)
    assert measured.beaten(slow, quick, "simplicity") is None


def test_an_unstable_point_beats_nobody() -> None:
    shaky = replace(point(4, 99.0), stable=False)

    assert measured.beaten(point(4, 10.0), shaky, "throughput") is None


def test_an_unstable_point_proves_neither_a_miss_nor_that_the_target_is_met() -> None:
    for speed in (2.0, 99.0):
        shaky = replace(point(4, speed), stable=False)

        assert measured.verdict(measurement("ollama", shaky), 4, TEN) is None


def test_an_unstable_point_proves_a_miss_that_its_whole_interval_shows() -> None:
    wide = replace(point(4, 6.0), stable=False, tok_s_per_user_high=9.5)
    reaching = replace(wide, tok_s_per_user_high=10.5)

    told = measured.verdict(measurement("ollama", wide), 4, TEN)

    assert told is not None
    assert told[0] is False
    assert measured.verdict(measurement("ollama", reaching), 4, TEN) is None


def test_a_disturbed_point_proves_nothing_however_narrow() -> None:
    beside_others = replace(point(4, 6.0), stable=False, tok_s_per_user_high=6.1, disturbed=True)

    assert measured.verdict(measurement("ollama", beside_others), 4, TEN) is None


def test_too_few_samples_prove_a_miss_but_never_that_the_target_is_met() -> None:
    few = replace(point(4, 30.0), tok_s_per_user_p5=None)
    slow = replace(point(4, 8.0), tok_s_per_user_p5=None)

    assert measured.verdict(measurement("ollama", few), 4, TEN) is None
    told = measured.verdict(measurement("ollama", slow), 4, TEN)
    assert told is not None
    assert told[0] is False
    (said,) = measured.doubts(measurement("ollama", few), few, TEN)
    assert "Too few samples" in said


@pytest.mark.parametrize(
    ("tokens", "ttft_ms", "met"),
    [(64, 200.0, None), (64, 900.0, False), (512, 200.0, True), (4096, 900.0, None)],
)
def test_a_first_token_after_another_prompt_proves_only_what_follows(
    tokens: int, ttft_ms: float, met: bool | None
) -> None:
    """A short prompt in time says nothing of a long one; a short one too late says it all."""
    made = measurement("ollama", point(4, 30.0, ttft_ms), prompt_tokens=tokens)

    told = measured.verdict(made, 4, Target(None, 500.0))

    assert (None if told is None else told[0]) is met


def test_what_was_shown_need_not_be_estimated() -> None:
    made = measurement("ollama", point(4, 30.0))

    assert measured.unproven(made, 4, Target(10.0, 500.0)) == Target(None, 500.0)


@pytest.mark.parametrize(
    "other",
    [
        {"prompt_tokens": 512},
        {"output_tokens": 64},
        {"variant": "as-shipped"},
        {"quant": "Q8_0"},
        {"host_id": 2},
    ],
)
def test_other_work_is_not_compared(other: dict[str, Any]) -> None:
    assert measured.comparable(measurement("ollama"), measurement("llama.cpp"))
    assert not measured.comparable(measurement("ollama"), measurement("llama.cpp", **other))


def test_tokens_in_and_out_stand_beside_what_was_measured() -> None:
    made = measurement("ollama", point(4, 30.0))

    assert "64 tokens in, 32 out" in measured.figures(made, made.points[0])
    assert "64 tokens in, 32 out" in measured.weights(made)
    (shown,) = measured.points(made, Facts(hardware="cpu"))
    assert shown.tok_s_per_user.note == "64 tokens in, 32 out"

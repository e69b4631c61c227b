"""Speed: physics, batching and waiting, with an interval and a basis."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from recommender import catalogue
from recommender.choose import choose
from recommender.estimate import speed
from recommender.estimate.roofline import hard_limit
from recommender.facts import Facts
from recommender.recommendation import Basis, SpeedPoint

CATALOGUE = catalogue.load()
CARD = Facts(device="rtx-4090")


def points(
    engine: str, model: str, quant: str, facts: Facts, slots: int | None = None
) -> dict[int, SpeedPoint]:
    pair = CATALOGUE.models[model], CATALOGUE.quants[quant]
    return {p.clients: p for p in speed.points(engine, *pair, facts, CATALOGUE, slots=slots)}


def total(point: SpeedPoint) -> float:
    assert point.total_tok_s.value is not None
    return point.total_tok_s.value


def first(point: SpeedPoint) -> float:
    assert point.ttft_ms.value is not None
    return point.ttft_ms.value


@given(
    engine=some.sampled_from(sorted(CATALOGUE.engines)),
    users=some.none() | some.integers(1, 400),
    hardware=some.sampled_from(["cpu", "nvidia", "amd", "apple", "intel", "edge"]),
    memory_gb=some.none() | some.sampled_from([8, 16, 24, 48, 80, 128]),
)
def test_every_figure_has_an_interval_and_says_it_is_estimated(  # type: ignore[no-untyped-def]
    engine, users, hardware, memory_gb
) -> None:
    facts = Facts(users=users, hardware=hardware, memory_gb=memory_gb)
    choice = choose(engine, facts, CATALOGUE)
    for point in speed.points(engine, *choice, facts, CATALOGUE) if choice else ():
        for figure in (point.tok_s_per_user, point.total_tok_s, point.ttft_ms):
            if figure.value is None:
                assert (figure.basis, figure.low, figure.high) == (Basis.UNKNOWN, None, None)
            else:
                assert figure.basis is Basis.ESTIMATED
                assert figure.low is not None
                assert figure.high is not None
                assert 0 < figure.low <= figure.value <= figure.high


def test_it_covers_the_stated_users() -> None:
    assert list(points("vllm", "llama-3.1-8b", "FP8", replace(CARD, users=50))) == [
        *(1, 2, 4, 8, 16, 32),
        50,
    ]
    assert 100 in points("vllm", "llama-3.1-8b", "FP8", replace(CARD, users=100))
    assert 64 in points("vllm", "llama-3.1-8b", "FP8", replace(CARD, users=100))


@pytest.mark.parametrize("engine", ["llama.cpp", "ollama"])
def test_one_user_is_close_to_what_was_published(engine: str) -> None:
    one = points(engine, "llama-3-8b", "Q4_K_M", CARD)[1].tok_s_per_user
    assert one.value is not None
    assert one.value == pytest.approx(128, rel=0.2)  # llama-bench on that card
    assert one.low is not None
    assert one.high is not None
    assert one.low < 128 < one.high


def test_no_engine_beats_the_memory() -> None:
    for device in CATALOGUE.devices.values():
        limit = hard_limit(device, CATALOGUE.models["llama-3.2-1b"], CATALOGUE.quants["Q8_0"])
        facts = Facts(device=device.id, memory_gb=device.memory_gib or 16)
        for point in points("llama.cpp", "llama-3.2-1b", "Q8_0", facts).values():
            assert point.tok_s_per_user.high is None or point.tok_s_per_user.high <= limit


def test_batching_makes_more_of_the_same_card() -> None:
    served = points("vllm", "llama-3.1-8b", "FP8", replace(CARD, users=16))
    assert total(served[16]) > 8 * total(served[1])
    rates = [total(p) for p in served.values()]
    assert rates[:5] == sorted(rates[:5])


def test_each_user_gets_less_the_more_there_are() -> None:
    served = points("llama.cpp", "llama-3.1-8b", "Q4_K_M", replace(CARD, users=16))
    paces = [served[n].tok_s_per_user.value or 0 for n in (1, 2, 4, 8, 16)]
    assert paces == sorted(paces, reverse=True)


def test_an_interval_spans_slow_and_fast_whichever_way_the_wait_turns() -> None:
    # Where prompts dominate, slower steps leave a smaller share of the time to other prompts.
    served = points("llama.cpp", "qwen3-8b", "Q4_K_M", Facts(device="raspberry-pi-5", memory_gb=16))
    for point in served.values():
        assert point.ttft_ms.low is not None
        assert point.ttft_ms.high is not None
        assert point.ttft_ms.low <= first(point) <= point.ttft_ms.high


def test_ollama_as_shipped_lets_them_queue() -> None:
    shipped = points("ollama", "llama-3.1-8b", "Q4_K_M", replace(CARD, users=8), slots=1)
    assert total(shipped[8]) == total(shipped[1])
    assert first(shipped[8]) > 7 * 1000 * 256 / total(shipped[1]) * 0.9
    assert shipped[8].ttft_ms.note == "7 of 8 wait for the one slot."


def test_ollama_set_for_the_load_batches() -> None:
    facts = replace(CARD, users=8)
    shipped = points("ollama", "llama-3.1-8b", "Q4_K_M", facts, slots=1)
    tuned = points("ollama", "llama-3.1-8b", "Q4_K_M", facts)
    assert total(tuned[8]) > 3 * total(shipped[8])
    assert first(tuned[8]) < first(shipped[8]) / 10


def test_tensor_parallel_reads_faster_and_layers_in_turn_do_not() -> None:
    two = Facts(device="h100-sxm-80gb", gpus=2, users=4)
    one = replace(two, gpus=1)
    parallel = [total(points("vllm", "qwen3-32b", "FP8", f)[4]) for f in (one, two)]
    in_turn = [total(points("llama.cpp", "qwen3-32b", "Q4_K_M", f)[4]) for f in (one, two)]
    assert parallel[1] > 1.3 * parallel[0]
    assert in_turn[1] == in_turn[0]


def test_fewer_active_parameters_are_faster() -> None:
    facts = Facts(device="rtx-5090")
    experts = total(points("llama.cpp", "qwen3-30b-a3b", "Q4_K_M", facts)[1])
    dense = total(points("llama.cpp", "qwen3-32b", "Q4_K_M", facts)[1])
    assert experts > 3 * dense


def test_it_says_nothing_of_a_model_that_does_not_fit() -> None:
    assert points("llama.cpp", "llama-3.3-70b", "Q4_K_M", CARD) == {}


@pytest.mark.parametrize("facts", [Facts(), Facts(hardware="none-yet"), Facts(users=4)])
def test_it_says_nothing_of_a_machine_nobody_named(facts: Facts) -> None:
    assert points("vllm", "llama-3.1-8b", "FP8", facts) == {}


def test_it_says_nothing_where_an_engine_has_no_constants() -> None:
    assert points("mlx-lm", "qwen3-8b", "MLX-4bit", CARD) == {}


def test_it_says_what_it_assumed_of_an_unknown_cpu_and_is_wide() -> None:
    one = points("llama.cpp", "llama-3.2-1b", "Q4_K_M", Facts(hardware="cpu"))[1].tok_s_per_user
    assert one.low is not None
    assert one.high is not None
    assert one.high > 5 * one.low
    assert "The device is not known. Of processors" in one.note


def test_it_guesses_an_unknown_cpu_low() -> None:
    unknown = points("llama.cpp", "llama-3.2-1b", "Q4_K_M", Facts(hardware="cpu"))[1]
    for device in CATALOGUE.devices.values():
        if device.hardware == "cpu":
            known = points("llama.cpp", "llama-3.2-1b", "Q4_K_M", Facts(device=device.id))[1]
            assert total(unknown) <= total(known)


def test_it_does_not_invent_arithmetic_nobody_stated() -> None:
    assert CATALOGUE.devices["apple-m5"].tflops == {}
    served = points("llama.cpp", "llama-3.2-1b", "Q4_K_M", Facts(device="apple-m5", users=4))
    assert served[1].tok_s_per_user.value is not None
    assert served[1].ttft_ms.basis is Basis.UNKNOWN
    assert served[4].total_tok_s.basis is Basis.UNKNOWN


def test_an_embedding_model_writes_no_text() -> None:
    served = points("vllm", "qwen3-embedding-0.6b", "BF16", replace(CARD, users=4))
    assert served[4].total_tok_s.value is None
    assert first(served[4]) == pytest.approx(4 * first(served[1]))

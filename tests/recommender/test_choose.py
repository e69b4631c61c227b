"""Which model and quantisation an engine is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender import catalogue
from recommender.catalogue import Model, Quant
from recommender.choose import choose, closest, published, relevant, why_model, why_quant
from recommender.estimate.memory import memory
from recommender.facts import Facts

CATALOGUE = catalogue.load()


def chosen(engine: str, facts: Facts) -> tuple[str, str] | None:
    choice = choose(engine, facts, CATALOGUE)
    return None if choice is None else (choice[0].id, choice[1].id)


def test_it_takes_the_model_that_was_asked_for() -> None:
    facts = Facts(model="qwen3-8b", device="rtx-3060")
    assert chosen("llama.cpp", facts) == ("qwen3-8b", "Q4_K_M")


def test_it_takes_the_quantisation_that_was_asked_for() -> None:
    facts = Facts(model="qwen3-8b", quant="Q6_K", device="rtx-3060")
    assert chosen("ollama", facts) == ("qwen3-8b", "Q6_K")


@pytest.mark.parametrize("engine", sorted(CATALOGUE.engines))
def test_it_has_nothing_where_nothing_fits(engine: str) -> None:
    assert choose(engine, Facts(model="llama-3.3-70b", device="rtx-3060"), CATALOGUE) is None


def test_it_has_nothing_where_the_engine_does_not_load_it() -> None:
    assert chosen("vllm", Facts(model="qwen3-8b", quant="Q4_K_M")) is None
    assert chosen("llama.cpp", Facts(model="qwen3-8b", quant="FP8")) is None


def test_it_goes_lower_only_when_memory_is_tight() -> None:
    tight = Facts(model="llama-3.3-70b", hardware="apple", memory_gb=48)
    choice = chosen("llama.cpp", tight)
    assert choice is not None
    assert choice[1] in {"Q3_K_M", "Q2_K", "IQ4_XS"}
    roomy = Facts(model="llama-3.3-70b", hardware="apple", memory_gb=64)
    assert chosen("llama.cpp", roomy) == ("llama-3.3-70b", "Q4_K_M")


def test_it_is_more_precise_with_memory_to_spare() -> None:
    assert chosen("llama.cpp", Facts(model="qwen3-4b", device="rtx-4090")) == ("qwen3-4b", "Q8_0")


def test_it_stays_small_when_speed_comes_first() -> None:
    facts = Facts(model="qwen3-4b", device="rtx-4090", priority="latency")
    assert chosen("llama.cpp", facts) == ("qwen3-4b", "Q4_K_M")


def test_it_avoids_fp8_on_hardware_without_it() -> None:
    hurried = Facts(model="qwen3-8b", device="rtx-3090", priority="latency")
    assert chosen("vllm", Facts(model="qwen3-8b", device="rtx-4090")) == ("qwen3-8b", "FP8")
    assert chosen("vllm", hurried) == ("qwen3-8b", "AWQ")
    assert chosen("vllm", Facts(model="qwen3-8b", device="rtx-3090")) == ("qwen3-8b", "BF16")
    assert chosen("vllm", Facts(model="qwen3-8b", device="a100-sxm-80gb")) == ("qwen3-8b", "BF16")


@pytest.mark.parametrize(("users", "quant"), [(4, "FP8"), (40, "AWQ")])
@pytest.mark.parametrize(("device", "gpus"), [("rtx-pro-6000", 1), ("rtx-4090", 4)])
def test_a_pool_gets_the_precision_that_leaves_everybody_room(
    device: str, gpus: int, users: int, quant: str
) -> None:
    facts = Facts(model="llama-3.3-70b", device=device, gpus=gpus, users=users)
    assert chosen("vllm", facts) == ("llama-3.3-70b", quant)


def test_where_some_wait_in_every_form_it_takes_the_one_in_which_fewest_do() -> None:
    facts = Facts(model="llama-3.3-70b", device="rtx-pro-6000", users=1000)
    assert chosen("vllm", facts) == ("llama-3.3-70b", "AWQ")


@pytest.mark.parametrize(("users", "quant"), [(8, "BF16"), (80, "AWQ")])
def test_where_all_have_room_at_full_length_a_pool_gets_the_original_precision(
    users: int, quant: str
) -> None:
    facts = Facts(model="qwen3-14b", device="rtx-3090", gpus=2, users=users, priority="simplicity")
    assert chosen("vllm", facts) == ("qwen3-14b", quant)


@pytest.mark.parametrize(
    "wish",
    [
        Facts(priority="latency"),
        Facts(priority="throughput"),
        Facts(ttft_ms=500),
        Facts(tokens_per_user=30),
    ],
)
def test_who_asks_for_speed_gets_weights_that_are_quick_to_read(wish: Facts) -> None:
    facts = replace(wish, model="qwen3-14b", device="rtx-3090", gpus=2, users=8)
    assert chosen("vllm", facts) == ("qwen3-14b", "AWQ")
    assert chosen("vllm", relevant(facts, CATALOGUE)) == ("qwen3-14b", "AWQ")


def test_it_takes_a_model_in_the_form_it_was_published_in() -> None:
    facts = Facts(model="gpt-oss-20b", device="rtx-4090")
    assert {chosen(e, facts) for e in ("ollama", "llama.cpp", "vllm")} == {("gpt-oss-20b", "MXFP4")}


@pytest.mark.parametrize(
    ("facts", "model"),
    [
        (Facts(hardware="cpu"), "llama-3.2-1b"),
        (Facts(hardware="cpu", memory_gb=4), "llama-3.2-1b"),
        (Facts(hardware="cpu", memory_gb=32), "llama-3.2-3b"),
        (Facts(device="raspberry-pi-5", memory_gb=8), "llama-3.2-1b"),
        (Facts(device="jetson-orin-nano-super"), "qwen3-4b-2507"),
        (Facts(device="rtx-4060"), "qwen3-8b"),
        (Facts(device="rtx-4090", purpose="chat"), "gpt-oss-20b"),
        (Facts(device="rtx-4090", purpose="agents"), "qwen3-coder-30b"),
        (Facts(hardware="nvidia", purpose="production-api"), "llama-3.1-8b"),
        (Facts(device="h100-sxm-80gb", purpose="chat"), "gpt-oss-120b"),
        (Facts(hardware="nvidia", purpose="embed"), "qwen3-embedding-0.6b"),
        (Facts(), "qwen3-8b"),
    ],
)
def test_it_suggests_what_suits_purpose_and_memory(facts: Facts, model: str) -> None:
    choice = chosen("llama.cpp", facts)
    assert choice is not None
    assert choice[0] == model


@pytest.mark.parametrize("device", sorted(CATALOGUE.devices))
@pytest.mark.parametrize("engine", ["ollama", "llama.cpp", "vllm"])
def test_what_it_suggests_fits_every_device(engine: str, device: str) -> None:
    facts = Facts(device=device, users=4)
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    assert memory(engine, *choice, facts, CATALOGUE).fits is not False
    assert published(engine, *choice)


def test_it_shows_what_comes_closest_when_nothing_fits() -> None:
    facts = Facts(model="llama-3.3-70b", quant="Q4_K_M", device="rtx-4090")
    assert choose("llama.cpp", facts, CATALOGUE) is None
    nearest = closest("llama.cpp", facts, CATALOGUE)
    assert nearest is not None
    assert (nearest[0].id, nearest[1].id) == ("llama-3.3-70b", "Q4_K_M")


@pytest.mark.parametrize("engine", ["mlx-lm", "tensorrt-llm", "tgi"])
def test_it_gives_no_embedding_model_to_an_engine_that_only_writes(engine: str) -> None:
    assert chosen(engine, Facts(purpose="embed", hardware="nvidia")) is None


def test_it_explains_itself() -> None:
    model, quant = _pair("gpt-oss-20b", "MXFP4")
    assert why_model(model, Facts(purpose="chat"), CATALOGUE).startswith(
        "gpt-oss 20B: published in 4"
    )
    assert why_model(model, Facts(model="gpt-oss-20b"), CATALOGUE) == "You asked for gpt-oss 20B."
    assert why_quant(quant, model, Facts()) == "MXFP4: the form in which this model is published."
    assert "You asked" in why_quant(quant, model, Facts(quant="MXFP4"))


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (Facts(model="gpt-9"), "model 'gpt-9' is not in the catalogue"),
        (Facts(quant="Q9"), "quantisation 'Q9' is not in the catalogue; it has Q2_K, Q3_K_M"),
        (Facts(device="rtx-9090"), "device 'rtx-9090' is not in the catalogue"),
    ],
)
def test_it_names_what_the_catalogue_does_not_have(facts: Facts, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        choose("llama.cpp", facts, CATALOGUE)


def _pair(model: str, quant: str) -> tuple[Model, Quant]:
    return CATALOGUE.models[model], CATALOGUE.quants[quant]

"""Which forms of a model are published, and what is said where we know of none."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.choose import choose, published
from recommender.facts import Facts
from tests.recommender.made import engine, told

FEW = ("nemotron-3-ultra-550b", "nemotron-h-56b", "mimo-7b", "llama-3.1-405b", "glm-5.2")
"""Of these we found no GGUF file in a quantisation that is chosen here."""


def test_nearly_every_model_has_a_gguf_file() -> None:
    models = catalogue.load().models.values()

    without = {m.id for m in models if not m.repositories.gguf_quants}

    assert without <= {*FEW, "minimax-m3", "step-3.7-flash"}


@pytest.mark.parametrize(
    ("query", "served_by", "quant"),
    [
        ("device=ryzen-ai-max-395&model=qwen3-235b-a22b&users=1", "llama.cpp", "Q2_K"),
        ("device=apple-m3-ultra&memory_gb=512&model=deepseek-v3&users=1", "llama.cpp", "Q3_K_M"),
        ("device=h200-sxm&gpus=8&model=deepseek-v3&users=50&os=linux", "vllm", "FP8"),
        ("device=h200-sxm&gpus=8&model=kimi-k2.5&users=50&os=linux", "vllm", "W4A16"),
    ],
)
def test_large_models_get_the_form_that_fits(query: str, served_by: str, quant: str) -> None:
    rec = told(query)

    assert engine(rec) == served_by
    assert rec.quant is not None
    assert rec.quant.id == quant


def test_mixtral_is_too_large_for_a_4090_in_four_bits_and_that_is_what_is_said() -> None:
    rec = told("device=rtx-4090&model=mixtral-8x7b&quant=Q4_K_M&users=1")

    assert engine(rec) is None
    assert "GiB short" in rec.headline
    assert "published" not in rec.headline


@pytest.mark.parametrize("model_id", ["deepseek-r1", "deepseek-v3.2", "kimi-k2", "minimax-m2.7"])
def test_weights_that_were_published_in_fp8_are_fp8_to_every_engine(model_id: str) -> None:
    facts = Facts(hardware="nvidia", device="b300", gpus=8, model=model_id, users=8)

    for engine_id in ("vllm", "sglang", "tensorrt-llm"):
        choice = choose(engine_id, facts, catalogue.load())

        assert choice is not None, engine_id
        assert choice[1].id == "FP8", engine_id


@pytest.mark.parametrize("quant", ["BF16", "AWQ"])
def test_nobody_has_sixteen_bit_weights_of_a_model_trained_in_eight(quant: str) -> None:
    known = catalogue.load()

    assert not published("vllm", known.models["kimi-k2"], known.quants[quant])


def test_weights_that_were_published_first_in_fp8_may_have_a_copy_in_sixteen_bits() -> None:
    known = catalogue.load()
    ministral = known.models["ministral-3-14b"]

    assert published("vllm", ministral, known.quants["BF16"])
    assert ministral.folder("BF16") == "mistralai/Ministral-3-14B-Instruct-2512-BF16"
    assert ministral.folder("FP8") == ministral.hf_id


def test_ollama_gets_no_file_in_parts_from_hugging_face() -> None:
    known = catalogue.load()
    model = known.models["qwen3-next-80b-a3b"]

    assert published("ollama", model, known.quants["Q4_K_M"])
    assert not published("ollama", model, known.quants["Q8_0"])
    assert published("llama.cpp", model, known.quants["Q8_0"])


def test_weights_we_know_nothing_of_are_not_said_to_be_missing() -> None:
    rec = told("device=rtx-4090&model=mimo-7b&users=1")
    said = {r.engine: r.reasons[0].text for r in rec.rejected}

    assert said["llama.cpp"] == (
        "We know of no published form of MiMo 7B Base that llama.cpp loads."
    )


def test_a_verdict_that_rests_on_weights_we_know_nothing_of_is_not_settled() -> None:
    rec = told("device=apple-m3-ultra&memory_gb=512&model=deepseek-v3&users=1")

    assert engine(rec) == "llama.cpp"
    assert rec.next_question is None
    assert not rec.settled


def test_a_verdict_for_weights_that_all_engines_get_is_settled() -> None:
    rec = told("device=gtx-1080-ti&os=linux&model=qwen3-8b&users=50&priority=throughput")

    assert engine(rec) == "llama.cpp"
    assert rec.settled

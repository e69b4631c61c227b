"""How many GPUs share a model out: what engines refuse is never planned, and what is idle counts
for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender import catalogue
from recommender.catalogue import Model
from recommender.estimate import kv, memory, speed, ways
from recommender.estimate.parallel import layout
from recommender.facts import Facts
from recommender.recipe.plan import plan
from recommender.rows import Row, predict

CATALOGUE = catalogue.load()
SERVERS = ("vllm", "sglang", "tensorrt-llm", "tgi")
QUANTS = ("BF16", "FP8")


def model(model_id: str) -> Model:
    return CATALOGUE.models[model_id]


def tensor(engine: str, model_id: str, quant: str, gpus: int) -> int:
    return layout(engine, model(model_id), CATALOGUE.quants[quant], gpus).tensor


@pytest.mark.parametrize("engine", SERVERS)
@pytest.mark.parametrize("one", CATALOGUE.models.values(), ids=lambda one: one.id)
def test_no_size_is_planned_that_engines_refuse(engine: str, one: Model) -> None:
    keys = 1 if one.attention.kind == "mla" else one.kv_heads
    for quant in QUANTS:
        for gpus in range(1, 17):
            found = layout(engine, one, CATALOGUE.quants[quant], gpus)
            assert 1 <= found.used <= gpus
            assert one.heads % found.tensor == 0
            assert keys % found.tensor == 0 or found.tensor % keys == 0
            if one.experts and found.whole_experts:
                assert one.experts % found.tensor == 0
            elif one.experts and found.tensor > 1:
                assert (one.expert_ffn or 0) % found.tensor == 0


def test_experts_in_blocks_of_128_are_kept_whole_or_fewer_devices_share_them() -> None:
    """768 / 4 = 192, which vLLM refuses (issue 17569)."""
    for engine in ("vllm", "sglang", "tensorrt-llm"):
        found = layout(engine, model("qwen3-30b-a3b"), CATALOGUE.quants["FP8"], 4)
        assert (found.tensor, found.whole_experts) == (4, True)
    assert tensor("tgi", "qwen3-30b-a3b", "FP8", 4) == 2
    assert not layout("vllm", model("qwen3-30b-a3b"), CATALOGUE.quants["BF16"], 4).whole_experts


def test_a_dense_model_in_blocks_is_shared_by_fewer() -> None:
    """9728 / 8 is no whole number of blocks; scales for each row know none."""
    assert tensor("vllm", "qwen3-4b", "FP8", 8) == 4
    assert tensor("vllm", "llama-3.3-70b", "FP8", 8) == 8


def test_key_heads_are_shared_out_or_copied_but_never_cut() -> None:
    """40 heads divide by five, their 8 key heads do not."""
    assert tensor("vllm", "qwen2.5-32b", "BF16", 5) == 4
    assert tensor("vllm", "qwen3-30b-a3b", "BF16", 8) == 8


def test_engines_that_hand_tokens_on_take_any_number() -> None:
    q4 = CATALOGUE.quants["Q4_K_M"]
    assert layout("llama.cpp", model("llama-3.3-70b"), q4, 3).used == 3


def test_an_idle_gpu_is_neither_memory_nor_speed() -> None:
    one, quant = model("qwen3-next-80b-a3b"), CATALOGUE.quants["FP8"]
    three = Facts(device="rtx-5090", gpus=3)
    need = memory.memory("vllm", one, quant, three, CATALOGUE)

    assert plan("vllm", one, quant, three, CATALOGUE).parallel == 2
    assert need.fits is False
    assert (
        need.available_gib
        == memory.memory("vllm", one, quant, replace(three, gpus=2), CATALOGUE).available_gib
    )
    assert "1 of 3 accelerators stays idle" in need.note
    assert "idle" in ways.explained("vllm", one, quant, three, CATALOGUE).note


def test_three_are_as_fast_as_the_two_that_work() -> None:
    one, quant = model("qwen3-8b"), CATALOGUE.quants["BF16"]
    two, three = (
        speed.points("vllm", one, quant, Facts(device="rtx-5090", gpus=n), CATALOGUE, clients=(8,))
        for n in (2, 3)
    )
    assert two == three


def test_more_of_them_are_advised_only_where_all_work() -> None:
    one, quant = model("qwen3-next-80b-a3b"), CATALOGUE.quants["FP8"]
    need = ways.explained("vllm", one, quant, Facts(device="rtx-5090", gpus=2), CATALOGUE)
    assert next(way.gpus for way in need.ways_out if way.id == "gpus") == 4


def test_one_vector_of_mla_is_kept_by_every_device() -> None:
    one = model("deepseek-r1")
    assert kv.bytes_of(one, 4096, tensor=8) == 8 * kv.bytes_of(one, 4096)


def test_few_key_heads_are_copied_many_are_shared() -> None:
    few, many = model("qwen3-30b-a3b"), model("llama-3.1-8b")
    assert kv.bytes_of(few, 4096, tensor=8) == 2 * kv.bytes_of(few, 4096)
    assert kv.bytes_of(many, 4096, tensor=8) == kv.bytes_of(many, 4096)


@pytest.mark.parametrize("model_id", ["deepseek-r1", "qwen3-235b-a22b", "llama-3.3-70b"])
def test_the_page_and_a_published_row_hold_the_same_tokens(model_id: str) -> None:
    """Of the pool that is left once the weights are loaded."""
    one, quant, facts = model(model_id), CATALOGUE.quants["FP8"], Facts(device="h200-sxm", gpus=8)
    need = ways.explained("vllm", one, quant, facts, CATALOGUE)
    row = Row(
        engine="vllm",
        engine_version="0.20.0",
        model=model_id,
        quant="FP8",
        device="NVIDIA H200 SXM",
        device_count=8,
        kind="kv_tokens",
        conditions="--tensor-parallel-size 8 --gpu-memory-utilization 0.9",
    )

    assert predict(row).value == pytest.approx(need.kv_tokens_fit, rel=0.1)


def test_what_copies_take_is_said() -> None:
    eight = Facts(device="h200-sxm", gpus=8)
    fp8 = CATALOGUE.quants["FP8"]
    need = memory.memory("vllm", model("deepseek-r1"), fp8, eight, CATALOGUE)
    assert "8 copies" in need.parts[1].note

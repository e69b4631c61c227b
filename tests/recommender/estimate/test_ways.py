"""What would make it fit: each way out, taken, really fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender import catalogue
from recommender.answers import parse
from recommender.estimate import memory, ways
from recommender.facts import Facts
from recommender.recommend import recommend
from recommender.recommendation import Memory, WayOut

CATALOGUE = catalogue.load()
CARD = Facts(hardware="nvidia", device="rtx-4090", users=1)


def explained(engine: str, model: str, quant: str, facts: Facts) -> Memory:
    return ways.explained(
        engine, CATALOGUE.models[model], CATALOGUE.quants[quant], facts, CATALOGUE
    )


def way(need: Memory, way_id: str) -> WayOut:
    return next(w for w in need.ways_out if w.id == way_id)


def test_70_billion_do_not_fit_a_card_of_24_gb_and_there_are_three_ways_out() -> None:
    need = explained("llama.cpp", "llama-3.3-70b", "Q4_K_M", CARD)

    assert need.fits is False
    assert need.parts[0].note == "42.5 GB"
    assert need.nominal_gib == 24
    assert need.short_gib == pytest.approx(19.7, abs=0.1)
    assert [w.id for w in need.ways_out] == ["quant", "gpus", "offload"]
    assert all(w.text in need.note for w in need.ways_out)
    assert (way(need, "quant").quant, way(need, "gpus").gpus) == ("IQ2_XS", 2)


@pytest.mark.parametrize(
    ("engine", "model", "quant", "facts"),
    [
        ("llama.cpp", "llama-3.3-70b", "Q4_K_M", CARD),
        ("llama.cpp", "llama-3.1-8b", "Q8_0", replace(CARD, context=131_072)),
        ("vllm", "llama-3.3-70b", "BF16", Facts(hardware="nvidia", device="h100-sxm-80gb")),
        ("mlx-lm", "qwen3-32b", "MLX-8bit", Facts(device="apple-m4-pro", memory_gb=24)),
    ],
)
def test_who_takes_a_way_out_gets_what_fits(
    engine: str, model: str, quant: str, facts: Facts
) -> None:
    need = explained(engine, model, quant, facts)
    assert need.ways_out
    for one in need.ways_out:
        if not one.answers:
            continue
        (question, said), chosen = one.answers[0], one.quant or quant
        changed = {"gpus": int, "context": int, "memory_gb": float}.get(question)
        taken = facts if changed is None else replace(facts, **{question: changed(said)})
        there = memory.memory(
            engine, CATALOGUE.models[model], CATALOGUE.quants[chosen], taken, CATALOGUE
        )
        assert there.fits, one.text
        assert there.total_gib == one.total_gib


def test_fewer_accelerators_than_the_way_out_names_are_too_few() -> None:
    facts = replace(CARD, device="rtx-3090")
    gpus = way(explained("llama.cpp", "llama-3.1-405b", "Q4_K_M", facts), "gpus").gpus
    assert gpus is not None
    model, quant = CATALOGUE.models["llama-3.1-405b"], CATALOGUE.quants["Q4_K_M"]
    assert not memory.fits("llama.cpp", model, quant, replace(facts, gpus=gpus - 1), CATALOGUE)


def test_where_only_the_cache_is_too_large_less_of_it_is_a_way_out() -> None:
    need = explained("llama.cpp", "llama-3.1-8b", "Q8_0", replace(CARD, context=131_072))
    assert way(need, "kv-type").kv_type == "q8_0"
    shorter = way(need, "context").context
    assert shorter is not None
    assert 32_768 <= shorter < 131_072


def test_unified_memory_is_not_multiplied() -> None:
    facts = Facts(device="apple-m4-pro", memory_gb=24)
    need = explained("mlx-lm", "qwen3-32b", "MLX-8bit", facts)
    assert "gpus" not in {w.id for w in need.ways_out}
    assert "GB of memory" in way(need, "memory").text


def test_layers_on_the_processor_cost_speed() -> None:
    """The more of them, the slower; and far slower than the same card holding everything."""
    small, large = (
        way(explained("llama.cpp", "llama-3.3-70b", quant, CARD), "offload")
        for quant in ("Q4_K_M", "Q8_0")
    )
    assert small.gpu_layers is not None
    assert large.gpu_layers is not None
    assert small.gpu_layers > large.gpu_layers > 0
    assert small.tok_s is not None
    assert large.tok_s is not None
    assert small.tok_s.value is not None
    assert large.tok_s.value is not None
    assert large.tok_s.value < small.tok_s.value < 10
    assert small.tok_s.low < small.tok_s.value < small.tok_s.high  # type: ignore[operator]


def test_it_tells_how_many_people_the_cache_holds() -> None:
    need = explained("vllm", "llama-3.1-8b", "FP8", replace(CARD, users=20))
    held = {one.context: one.users for one in need.holds}
    assert held[4096] == 2 * held[8192] or held[4096] == 2 * held[8192] + 1
    assert need.kv_tokens_fit is not None
    assert held[8192] == need.kv_tokens_fit // 8192
    assert need.kv_gib_per_1k_tokens == pytest.approx(0.122, abs=0.001)
    assert need.ways_out == ()


def test_a_recommendation_where_nothing_fits_shows_the_memory_all_the_same() -> None:
    said = [("model", "llama-3.3-70b"), ("quant", "Q4_K_M"), ("device", "rtx-4090")]
    rec = recommend(parse(said))
    assert rec.engine is None
    assert rec.memory is not None
    assert rec.memory.fits is False
    assert len(rec.memory.ways_out) == 3


def test_a_mac_gives_its_gpu_more_when_told_to() -> None:
    facts = Facts(device="apple-m4-max", memory_gb=64, users=1)
    need = explained("mlx-lm", "llama-3.3-70b", "MLX-4bit", replace(facts, context=40_960))
    told = way(need, "wired-limit")
    least = int(told.text.rpartition("=")[2])

    assert need.fits is False
    assert need.total_gib * 1024 <= least <= (64 - 8) * 1024
    assert "sudo sysctl iogpu.wired_limit_mb=" in need.note


def test_where_memory_is_shared_no_layers_go_to_the_processor() -> None:
    for device, memory_gb in (("apple-m4-pro", 24), ("dgx-spark", None)):
        facts = Facts(device=device, memory_gb=memory_gb, users=1)
        one, quant = CATALOGUE.models["deepseek-r1"], CATALOGUE.quants["Q4_K_M"]
        said = memory.memory("llama.cpp", one, quant, facts, CATALOGUE).note
        assert "on the CPU" not in said
        assert "of these devices" not in said
        assert not [
            w
            for w in explained("llama.cpp", one.id, quant.id, facts).ways_out
            if w.id in {"wired-limit", "offload"}
        ]

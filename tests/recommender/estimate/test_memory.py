"""Memory: parts that add up, what fits, and by how much it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from recommender import catalogue
from recommender.estimate import memory
from recommender.facts import Facts
from recommender.recommendation import Memory

CATALOGUE = catalogue.load()
PAIRS = [
    (engine, quant)
    for quant in CATALOGUE.quants.values()
    for engine in quant.engines
    if engine in CATALOGUE.engines
]


def needs(engine: str, model: str, quant: str, facts: Facts) -> Memory:
    return memory.memory(engine, CATALOGUE.models[model], CATALOGUE.quants[quant], facts, CATALOGUE)


def part(need: Memory, part_id: str) -> float:
    return next(p.gib for p in need.parts if p.id == part_id)


def slots(engine: str, model: str, quant: str, facts: Facts) -> int:
    return memory.slots(engine, CATALOGUE.models[model], CATALOGUE.quants[quant], facts, CATALOGUE)


@given(
    pair=some.sampled_from(PAIRS),
    model=some.sampled_from(sorted(CATALOGUE.models.values(), key=lambda m: m.id)),
    users=some.none() | some.integers(1, 3000),
    context=some.none() | some.integers(128, 300_000),
    device=some.none() | some.sampled_from(sorted(CATALOGUE.devices)),
    gpus=some.none() | some.integers(1, 8),
)
def test_its_parts_add_up_exactly(pair, model, users, context, device, gpus) -> None:  # type: ignore[no-untyped-def]
    facts = Facts(users=users, context=context, device=device, gpus=gpus)
    need = memory.memory(pair[0], model, pair[1], facts, CATALOGUE)
    assert need.total_gib == round(sum(p.gib for p in need.parts), 3)
    assert [p.id for p in need.parts] == ["weights", "kv-cache", "compute", "overhead"]
    assert all(p.gib >= 0 for p in need.parts)
    assert (need.fits is None) == (need.available_gib is None)


def test_it_breaks_down_llama_on_a_24_gb_card() -> None:
    need = needs(
        "llama.cpp", "llama-3.1-8b", "Q4_K_M", Facts(device="rtx-4090", users=1, context=8192)
    )
    assert part(need, "weights") == pytest.approx(4.58, abs=0.01)  # llama-bench says 4.58 GiB
    assert part(need, "kv-cache") == 1.0
    assert part(need, "compute") == pytest.approx(0.25, abs=0.1)  # its log says 258.5 MiB
    assert need.fits
    assert need.note.startswith("Fits, with 16.")


def test_it_says_by_how_much_a_model_does_not_fit_and_what_to_do() -> None:
    need = needs("llama.cpp", "llama-3.3-70b", "Q4_K_M", Facts(device="rtx-4090", users=1))
    assert need.fits is False
    assert "the weights of Llama 3.3 70B Instruct are 42.5 GB" in need.note
    assert "there are 24 GB" in need.note
    assert "19.7 GiB short" in need.note
    for way in ("a smaller model or a lower quantisation", "2 of these devices", "on the CPU"):
        assert way in need.note


def test_it_fits_on_as_many_devices_as_the_note_asks_for() -> None:
    need = needs("llama.cpp", "llama-3.3-70b", "Q4_K_M", Facts(device="rtx-4090", users=1, gpus=2))
    assert need.fits


def test_it_reserves_every_slot_of_llama_cpp() -> None:
    alone, four = (
        needs(
            "llama.cpp", "llama-3.1-8b", "Q4_K_M", Facts(device="rtx-4090", users=n, context=4096)
        )
        for n in (1, 4)
    )
    assert part(four, "kv-cache") == 4 * part(alone, "kv-cache")


def test_it_gives_no_more_slots_than_fit() -> None:
    facts = Facts(device="rtx-4090", users=100, context=8192)
    given_slots = slots("llama.cpp", "llama-3.1-8b", "Q4_K_M", facts)
    need = needs("llama.cpp", "llama-3.1-8b", "Q4_K_M", facts)
    assert 1 < given_slots < 100
    assert need.fits
    assert f"{given_slots} of 100 people at full length, the others wait" in need.parts[1].note


def test_it_fills_a_pool_with_what_is_left() -> None:
    need = needs("vllm", "llama-3.1-8b", "BF16", Facts(device="rtx-4090", users=100, context=8192))
    assert need.fits
    assert need.available_gib is not None
    assert need.total_gib == pytest.approx(need.available_gib, abs=0.01)
    assert "a pool of" in need.parts[1].note


def test_it_holds_more_growing_conversations_in_a_pool_than_whole_slots() -> None:
    facts = Facts(device="rtx-4090", users=200, context=8192)
    pool = slots("vllm", "qwen3-8b", "FP8", facts)
    assert pool > slots("llama.cpp", "qwen3-8b", "Q8_0", facts)


def test_it_keeps_what_ships_while_nobody_said_how_many() -> None:
    facts = Facts(hardware="cpu")
    assert slots("ollama", "llama-3.2-1b", "Q4_K_M", facts) == 1
    assert slots("llama.cpp", "llama-3.2-1b", "Q4_K_M", facts) == 4


def test_it_does_not_guess_the_memory_of_an_unknown_machine() -> None:
    need = needs("ollama", "qwen3-8b", "Q4_K_M", Facts(hardware="nvidia"))
    assert need.available_gib is None
    assert need.fits is None
    assert need.note == "The machine's memory is not known yet."


def test_it_leaves_a_mac_its_share() -> None:
    need = needs("mlx-lm", "qwen3-8b", "MLX-4bit", Facts(device="apple-m4-max", memory_gb=64))
    assert need.available_gib == 48


def test_it_never_plans_a_longer_conversation_than_the_model_knows() -> None:
    need = needs("llama.cpp", "tinyllama-1.1b", "Q8_0", Facts(context=100_000))
    assert "2,048 tokens" in need.parts[1].note


def test_it_flags_an_upper_bound() -> None:
    need = needs("vllm", "llama-4-scout", "BF16", Facts(users=1))
    assert "upper bound" in need.parts[1].note


def test_it_names_an_unknown_device() -> None:
    with pytest.raises(ValueError, match="device 'rtx-9090' is not in the catalogue"):
        needs("ollama", "qwen3-8b", "Q4_K_M", Facts(device="rtx-9090"))

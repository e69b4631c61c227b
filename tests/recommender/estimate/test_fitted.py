"""Fitted constants: physics holds, neighbours are borrowed from, and every one says where from."""

from __future__ import annotations

from recommender import catalogue
from recommender.estimate import fitted
from recommender.estimate.machine import Machine, of_device
from recommender.estimate.traits import AS_SHIPPED, Setting, Traits, traits

CATALOGUE = catalogue.load()


def machine(name: str) -> Machine:
    device = CATALOGUE.device(name)
    assert device is not None
    return of_device(device)


def groups(engine: str, device: str, quant: str, how: Setting = AS_SHIPPED) -> Traits:
    return traits(engine, CATALOGUE.quants[quant], machine(device), 1e14, how)


def test_nothing_reads_faster_than_the_memory() -> None:
    for engine, _ in CATALOGUE.backends:
        for device in CATALOGUE.devices:
            for quant in CATALOGUE.quants:
                assert fitted.constants(groups(engine, device, quant)).bandwidth_share < 1.0


def test_an_engine_without_a_row_does_as_its_family_does() -> None:
    known = fitted.constants(groups("vllm", "h100-sxm-80gb", "BF16"))
    other = fitted.constants(groups("tensorrt-llm", "h100-sxm-80gb", "BF16"))
    assert 0.7 < other.bandwidth_share / known.bandwidth_share < 1.4
    assert fitted.how("tensorrt-llm", "cuda-hbm").startswith("by analogy: ")


def test_every_pair_of_engine_and_backend_says_where_its_constants_are_from() -> None:
    for engine, backend in CATALOGUE.backends:
        assert fitted.how(engine, backend).startswith(("fit: ", "by analogy: "))


def test_every_kind_of_row_has_an_interval_for_every_pair() -> None:
    for kind in ("decode", "prefill", "concurrent"):
        for engine, device in (("mlx-lm", "apple-m4-max"), ("tgi", "l40s"), ("ollama", "arc-a770")):
            low, high = fitted.interval(kind, groups(engine, device, "Q8_0"))
            assert 0 < low < 1 < high


def test_attention_without_its_kernel_reads_the_cache_slower() -> None:
    plain = Setting(flash_attention=False)
    slow = fitted.constants(groups("llama.cpp", "rtx-4090", "Q4_K_M", plain))
    fast = fitted.constants(groups("llama.cpp", "rtx-4090", "Q4_K_M"))
    assert slow.cache_share < 0.7 * fast.cache_share


def test_a_card_on_half_its_power_is_slower_but_not_half_as_fast() -> None:
    slowed = fitted.constants(groups("vllm", "rtx-3090", "BF16", Setting(power_share=0.5))).slowed
    assert 0.5 < slowed < 0.9

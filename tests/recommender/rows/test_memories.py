"""Memory of published rows: how far off it is, row by row, and that it stays so."""

from __future__ import annotations

import json
from importlib.resources import files
from statistics import median
from typing import Any

import pytest

from recommender import rows

TEXT = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8").splitlines()
ROWS = [(json.loads(line), row) for line, row in zip(TEXT, rows.read(TEXT), strict=True)]

MISSED = {
    # A file made by quantisation-aware training, whose embedding is stored in 8 bits.
    "cal-0287": 0.07,
    # An unsloth file of a mixture: its experts take types of their own, and so does every model's.
    "cal-0196": 0.03,
    # vLLM of January 2025 on a device that nobody names: it set aside much more for sampling.
    "cal-0424": 0.24,
    # Nobody says which of many devices, and whether the cache was in 8 bits.
    "cal-0458": 0.80,
}


def error(raw: dict[str, Any], row: rows.Row) -> float:
    """As a share of what was measured."""
    value = rows.predict(row).value
    assert value is not None
    return abs(value / float(raw["value"]) - 1)


def errors(kind: str) -> dict[str, float]:
    return {raw["id"]: error(raw, row) for raw, row in ROWS if raw["kind"] == kind}


@pytest.mark.parametrize(
    ("kind", "count", "middle"),
    [
        ("memory_weights", 37, 0.02),
        ("kv_tokens", 10, 0.08),
        ("memory_kv", 4, 0.04),
        ("memory_total", 11, 0.02),
    ],
)
def test_half_of_the_rows_are_closer_than_promised(kind: str, count: int, middle: float) -> None:
    found = errors(kind)
    for row_id, off in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"{kind:<15}{row_id}  {off:7.2%}")
    assert len(found) == count
    assert median(found.values()) < middle


@pytest.mark.parametrize("kind", ["memory_weights", "kv_tokens", "memory_kv", "memory_total"])
def test_every_row_is_close_but_those_that_are_explained(kind: str) -> None:
    for row_id, off in errors(kind).items():
        assert off < MISSED.get(row_id, 0.04), row_id


def test_what_is_explained_still_is_a_miss() -> None:
    found = {
        row_id: off
        for kind in ("memory_weights", "kv_tokens")
        for row_id, off in errors(kind).items()
    }
    for row_id, bound in MISSED.items():
        assert found[row_id] > bound / 2, f"{row_id} is no longer missed: take it out"


def one(**said: Any) -> rows.Prediction:
    return rows.predict(rows.read([json.dumps({"id": "x", **said})])[0])


def test_a_figure_comes_in_the_unit_that_was_asked_for() -> None:
    asked = {"kind": "memory_weights", "engine": "vLLM", "model": "Llama-3.1-8B", "quant": "BF16"}
    gib = one(**asked, unit="GiB").value
    assert gib == pytest.approx(14.96, rel=0.01)
    assert one(**asked, unit="MiB").value == pytest.approx(gib * 1024)
    assert one(**asked, unit="GiB (per GPU)", device_count=4).value == pytest.approx(gib / 4)
    assert one(**asked, unit="GB (log says GB; vLLM prints GiB)").value == pytest.approx(gib)


def test_a_gigabyte_is_what_its_engine_calls_one() -> None:
    asked = {"kind": "memory_weights", "model": "Llama-3.1-8B", "quant": "BF16"}
    for engine, per_gib in (("vLLM", 1.0), ("SGLang", 1.0), ("llama.cpp", 1.073741824)):
        gib = one(**asked, engine=engine, unit="GiB").value
        assert one(**asked, engine=engine, unit="GB").value == pytest.approx(gib * per_gib)


def test_an_older_vllm_tries_its_longest_prompt_before_it_sizes_the_pool() -> None:
    asked = {"kind": "kv_tokens", "engine": "vLLM", "model": "Llama-3.1-8B", "device": "RTX 3090"}
    asked |= {"unit": "tokens", "context": 20_000}
    old, new, long = (
        one(**asked | {"date": date, "context": context}).value
        for date, context in (("2024-12", 20_000), ("2025-06", 20_000), ("2024-12", 40_000))
    )
    assert old < 0.9 * new
    assert long == pytest.approx(new)  # of more than 32 Ki tokens it cut prompts even then


def test_graphs_come_out_of_the_share_of_a_newer_vllm() -> None:
    asked = {"kind": "memory_kv", "engine": "vLLM", "model": "Llama-3.1-8B", "device": "RTX 4090"}
    asked |= {"unit": "GiB (available)", "conditions": "--gpu-memory-utilization 0.9"}
    old, new = (one(**asked, engine_version=version).value for version in ("0.20.1", "0.21.0"))
    assert old - new == pytest.approx(0.5)
    eager = asked["conditions"] + " --enforce-eager"
    assert one(**asked | {"conditions": eager}, engine_version="0.21.0").value == old


def test_a_quantised_cache_is_smaller() -> None:
    asked = {"kind": "memory_kv", "engine": "llama.cpp", "model": "Llama 3.1 8B", "context": 8192}
    whole = one(**asked, unit="MiB").value
    assert whole == pytest.approx(1024)
    assert one(**asked, unit="MiB", conditions="-ctk q8_0 -ctv q8_0").value == pytest.approx(544)
    assert one(**asked, unit="MiB", conditions="-fa 1 -ctk q8_0").value == pytest.approx(784)


def test_a_share_of_the_memory_decides_how_much_a_pool_holds() -> None:
    asked = {"kind": "kv_tokens", "engine": "vLLM", "engine_version": "0.11", "model": "Qwen3-8B"}
    asked |= {"device": "RTX 4090", "unit": "tokens", "quant": "FP8"}
    small, large = (
        one(**asked, conditions=f"--gpu-memory-utilization {share}").value for share in (0.7, 0.95)
    )
    assert small is not None
    assert large is not None
    assert large - small == pytest.approx(0.25 * 23.5 * 2**30 / (36 * 8 * 128 * 2 * 2), rel=0.01)
    bytes_8 = one(**asked, conditions="--kv-cache-dtype fp8 --gpu-memory-utilization 0.95").value
    assert bytes_8 == pytest.approx(2 * large, rel=0.01)


def test_a_pool_without_room_is_said_to_be_none() -> None:
    got = one(
        kind="kv_tokens", engine="vLLM", model="Llama 3.3 70B", quant="BF16", device="RTX 4090"
    )
    assert got.value is None
    assert got.reason == "the weights leave no room for a cache there"


@pytest.mark.parametrize(("quant", "gib"), [("Q4_K_M", 10.8), ("Q8_0", 11.3), ("F16", 12.9)])
def test_experts_that_were_trained_in_four_bits_stay_so(quant: str, gib: float) -> None:
    asked = {"kind": "memory_weights", "engine": "llama.cpp", "model": "gpt-oss-20b"}
    assert one(**asked, quant=quant, unit="GiB").value == pytest.approx(gib, rel=0.05)


def test_other_words_for_a_kind_mean_the_same() -> None:
    asked = {"engine": "llama.cpp", "model": "Llama 3.1 8B", "quant": "Q4_K_M", "unit": "GiB"}
    assert one(kind="VRAM", **asked) == one(kind="memory_total", **asked)
    assert one(kind="KV cache", **asked) == one(kind="memory_kv", **asked)


def test_an_engine_without_a_pool_takes_what_it_needs() -> None:
    asked = {"kind": "memory_total", "model": "Mistral 7B", "quant": "fp16", "device": "A100 80GB"}
    pool = one(**asked, engine="vLLM", unit="GiB").value
    grown = one(**asked, engine="HF transformers", unit="GiB").value
    assert pool is not None
    assert grown is not None
    assert grown < 20 < 70 < pool


def test_an_old_vllm_tries_a_step_with_the_longest_prompt() -> None:
    asked = {"kind": "kv_tokens", "engine": "vLLM", "model": "Llama 3.1 8B", "quant": "BF16"}
    asked |= {"device": "RTX 4090", "unit": "tokens", "context": 16384}
    old, new = (one(**asked, engine_version=version).value for version in ("0.6.3", "0.11.0"))
    assert old is not None
    assert new is not None
    assert old < 0.9 * new


def test_large_devices_set_more_aside() -> None:
    """vLLM takes larger batches from 70 GiB on, but not on an A100."""
    asked = {"kind": "kv_tokens", "engine": "vLLM", "model": "Llama 3.1 8B", "quant": "BF16"}
    asked |= {"unit": "tokens", "engine_version": "0.11.0"}
    a100, h100 = (one(**asked, device=name).value for name in ("A100 80GB", "H100 SXM"))
    assert a100 is not None
    assert h100 == pytest.approx(444_000, rel=0.02)
    assert h100 < a100


def test_each_engine_shares_the_memory_in_its_own_way() -> None:
    """SGLang's activations lie outside of its share; TensorRT-LLM's share is of what they leave."""
    asked = {"kind": "kv_tokens", "model": "Llama 3.1 8B", "quant": "BF16", "device": "A100 80GB"}
    asked |= {"unit": "tokens", "conditions": "--mem-fraction-static 0.9"}
    vllm, sglang, tensorrt = (
        one(**asked, engine=engine).value or 0 for engine in ("vLLM", "SGLang", "TensorRT-LLM")
    )
    assert vllm < sglang < 1.1 * vllm
    assert 0.9 * vllm < tensorrt < 1.1 * vllm

"""How a measurement was run is read from its conditions; what came out of it never is."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.rows import pools, speeds, units
from recommender.rows.read import Row
from recommender.rows.resolve import resolve
from recommender.rows.setting import setting

SHELF = catalogue.load()


def row(**said: object) -> Row:
    usual = {"kind": "decode", "unit": "tok/s", "engine": "llama.cpp", "model": "Llama 3.1 8B"}
    return Row.model_validate({**usual, "quant": "Q4_K_M", "device": "RTX 3090", **said})


def test_a_benchmark_inside_the_engine_neither_samples_nor_speaks_http() -> None:
    assert setting(resolve(row(conditions="llama-bench -fa 1"))).served is False
    assert setting(resolve(row(conditions="llama-server, 4 clients"))).served is True


def test_flash_attention_is_taken_for_granted_unless_it_was_off() -> None:
    assert setting(resolve(row())).flash_attention is True
    assert setting(resolve(row(conditions="no flash attention"))).flash_attention is False


def test_cards_that_take_turns_feel_a_power_limit_less() -> None:
    limit = "power limit 175 W/card"
    assert setting(resolve(row(conditions=limit))).power_share == pytest.approx(0.5)
    pair = resolve(row(conditions=limit, device_count=2))
    assert setting(pair).power_share == pytest.approx(0.5**0.5)


def test_threads_limit_a_processor_and_no_card() -> None:
    card = resolve(row(conditions="8 threads"))
    processor = resolve(row(conditions="8 threads", backend="CPU", device="AMD Ryzen 9 7950X"))
    assert (setting(card).threads, setting(processor).threads) == (0, 8)


@pytest.mark.parametrize(("date", "age"), [(None, 0), ("2026-05", 0), ("2024-06", 1.1)])
def test_an_older_row_is_of_an_older_engine(date: str | None, age: float) -> None:
    assert setting(resolve(row(date=date))).age_years == pytest.approx(age, abs=0.01)


DECODING = "tok/s (output, decode phase only)"


@pytest.mark.parametrize(
    ("kind", "said", "mode"),
    [
        ("decode", {}, "step"),
        ("decode", {"conditions": "wall", "prompt_tokens": 512, "gen_tokens": 256}, "total"),
        ("prefill", {"prompt_tokens": 512}, "prefill"),
        ("concurrent", {"concurrency": 8, "unit": "tok/s (input+output)"}, "both"),
        ("concurrent", {"concurrency": 8, "unit": "tok/s (output)"}, "total"),
        ("concurrent", {"concurrency": 8, "unit": DECODING}, "step"),
        ("concurrent", {"concurrency": 1, "prompt_tokens": 65536, "gen_tokens": 256}, "step"),
    ],
)
def test_a_unit_says_what_is_divided_by_what(kind: str, said: dict[str, object], mode: str) -> None:
    found = resolve(row(kind=kind, **said))
    assert speeds.mode(found, units.rate(found.row.unit, found.row.kind)) == mode


@pytest.mark.parametrize(
    ("engine", "device", "quant", "most"),
    [
        ("vLLM", "A100 SXM 80GB", "FP8", 256),
        ("vLLM", "H100 SXM 80GB", "FP8", 1000),
        ("llama.cpp", "RTX 3090", "Q4_K_M", 8),
        ("Ollama", "RTX 3090", "Q4_K_M", 1),
    ],
)
def test_who_names_no_slots_has_those_of_the_engine(
    engine: str, device: str, quant: str, most: int
) -> None:
    asked = {"kind": "concurrent", "concurrency": 1000, "prompt_tokens": 64, "gen_tokens": 32}
    model = {"model": "Llama 3.2 1B", "engine": engine, "device": device, "quant": quant}
    assert pools.at_once(resolve(row(**asked, **model)), SHELF) == most


def test_a_prompt_on_a_filled_cache_takes_longer() -> None:
    empty, full = (
        speeds.rate(resolve(row(kind="prefill", prompt_tokens=512, conditions=said)), 1)
        for said in ("llama-bench", "llama-bench, KV depth 32768")
    )
    assert empty is not None
    assert full is not None
    assert full[0] < 0.9 * empty[0]

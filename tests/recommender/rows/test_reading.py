"""Lines, flags and units; and that no well-formed row, however odd, ends in an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from recommender import rows
from recommender.rows import units
from recommender.rows.conditions import conditions

KINDS = ["decode", "prefill", "concurrent", "memory_weights", "memory_kv", "memory_total"]
KINDS += ["kv_tokens", "ttft", "something else"]
UNITS = ["tok/s", "tok/s (output)", "tok/s (input+output)", "tok/s/user", "ms", "requests/s"]
UNITS += ["GiB", "GiB (per GPU)", "MiB", "GB (peak, MLX)", "GiB (available KV pool)", "tokens"]
ENGINES = ["llama.cpp", "vLLM", "SGLang", "Ollama", "MLX-LM", "ExLlamaV2", "TGI", "nobody's", ""]
MODELS = ["Llama 3 8B", "Qwen3.6-35B-A3B", "deepseek-r1", "gpt-oss-20b", "Foo-12B-A2B", "?", ""]
DEVICES = ["RTX 4090", "2x H100", "M4 Max 64GB", "EPYC 9654", "Strix Halo", "unheard of", "(", ""]
QUANTS = ["Q4_K_M", "FP8", "4bit", "3.5bpw", "IQ9_Z", "", "none"]
SAID = [
    "",
    "-ngl 99 -fa 1, KV depth 4096",
    "--max-num-seqs 0 TP8",
    "-ctk q8_0 --ctx-size 1e9",
    "@d",
]


def number(most: float) -> some.SearchStrategy[float | None]:
    return some.none() | some.floats(0, most) | some.integers(0, int(most))


@settings(max_examples=300, deadline=None)
@given(
    raw=some.fixed_dictionaries(
        {"kind": some.sampled_from(KINDS)},
        optional={
            "id": some.none() | some.text(max_size=5) | some.integers(),
            "unit": some.none() | some.sampled_from(UNITS),
            "engine": some.none() | some.sampled_from(ENGINES),
            "engine_version": some.none() | some.sampled_from(["0.12.0", "b1234", "main"]),
            "backend": some.none() | some.sampled_from(["CUDA", "Vulkan", "CPU", "Metal", "ROCm"]),
            "device": some.none() | some.sampled_from(DEVICES),
            "device_count": number(16),
            "device_mem_bandwidth_gbs": number(9000),
            "device_mem_gib": number(512),
            "model": some.none() | some.sampled_from(MODELS),
            "params_b": number(2000),
            "quant": some.none() | some.sampled_from(QUANTS),
            "weights_gib": number(2000),
            "context": number(1_000_000),
            "prompt_tokens": number(300_000),
            "gen_tokens": number(10_000),
            "concurrency": number(5000),
            "conditions": some.none() | some.sampled_from(SAID),
            "date": some.none() | some.sampled_from(["2024-05", "2026", "soon"]),
        },
    )
)
def test_every_well_formed_row_gets_a_figure_or_a_reason(raw: dict[str, Any]) -> None:
    got = rows.predict(rows.read([json.dumps(raw)])[0])
    if got.value is None:
        assert got.reason
        return
    assert got.low is not None
    assert got.high is not None
    assert 0 <= got.low <= got.value <= got.high


@given(text=some.text(max_size=80))
def test_free_text_never_breaks_the_reading_of_conditions(text: str) -> None:
    conditions(text)
    units.size(text)
    units.rate(text, "decode")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("vllm serve x -tp 8 --max-model-len 32768", "tensor_parallel", 8),
        ("vllm serve x --max-model-len 32768", "max_len", 32768),
        ("TP2, max_num_seqs 32", "slots", 32),
        ("--gpu-memory-utilization 0.95", "memory_share", 0.95),
        ("gpu_memory_utilization None", "memory_share", None),
        ("--kv-cache-dtype fp8", "kv_bits", 8.0),
        ("-ctk q8_0 -ctv q4_0", "kv_bits", 6.5),
        ("llama-server -np 4 -c 16384", "slots", 4),
        ("llama-bench tg64@d4096, ub 512", "depth", 4096),
        ("llama-bench tg64@d4096, ub 512", "ubatch", 512),
        ("llama-batched-bench PP=512 TG=32 B=8", "prompt", 512),
        ("llama-batched-bench PP=512 TG=32 B=8", "pipeline", None),
        ("--random-input-len 1024 --random-output-len 128", "output", 128),
        ("mlx_lm.benchmark -p 2048 -g 128", "prompt", 2048),
        ("llama-bench -ngl 20", "layers_on_gpu", 20),
        ("no flash attention", "flash", False),
        ("tg128, 16 threads", "threads", 16),
        ("--enforce-eager", "eager", True),
        ("vllm bench serve --max-concurrency 64", "clients", 64),
        ("32 concurrent requests", "clients", 32),
    ],
)
def test_flags_are_read_as_engines_spell_them(text: str, field: str, value: object) -> None:
    assert getattr(conditions(text), field) == value


@pytest.mark.parametrize(
    ("unit", "kind", "meant"),
    [
        ("tok/s", "decode", "total"),
        ("tok/s (output)", "concurrent", "output"),
        ("tok/s (input+output)", "concurrent", "both"),
        ("tok/s (output, decode phase only)", "concurrent", "decode-only"),
        ("tok/s/user", "concurrent", "user"),
        ("tokens/s per user", "concurrent", "user"),
        ("requests/s", "concurrent", "requests"),
        ("req/s", "concurrent", "requests"),
        ("ms", "ttft", "time"),
        ("ms (TTFT)", "concurrent", "time"),
        ("s", "latency", "time"),
        ("t/s", "prefill", "total"),
    ],
)
def test_a_unit_says_what_is_divided_by_what(unit: str, kind: str, meant: str) -> None:
    assert units.rate(unit, kind) == meant


def load(unit: str, **said: Any) -> float:
    raw = {"kind": "concurrent", "engine": "vLLM", "device": "H100 SXM", "model": "Llama 3.1 8B"}
    raw |= {"quant": "BF16", "prompt_tokens": 1000, "gen_tokens": 250, "concurrency": 16}
    got = rows.predict(rows.read([json.dumps({**raw, "unit": unit, **said})])[0])
    assert got.value is not None
    return got.value


def test_units_of_the_same_load_agree() -> None:
    output = load("tok/s (output)")
    assert load("tok/s (input+output)") == pytest.approx(5 * output)
    assert load("requests/s") == pytest.approx(output / 250)
    assert load("tok/s/user") >= output / 16
    assert load("s (TTFT)") * 1000 == pytest.approx(load("ms (TTFT)"))
    assert load("ms (TPOT)") == pytest.approx(1000 / load("tok/s/user"))


def test_a_more_doubtful_row_has_a_wider_interval() -> None:
    def spread(**said: Any) -> float:
        raw = {"kind": "decode", "unit": "tok/s", "quant": "Q4_K_M", "engine": "llama.cpp"}
        raw |= {"device": "RTX 4090", "model": "Llama 3.1 8B", **said}
        got = rows.predict(rows.read([json.dumps(raw)])[0])
        assert got.low and got.high  # noqa: PT018
        return got.high / got.low

    assert spread(engine="ExLlamaV2") > 1.5 * spread()
    assert spread(model="Foo-8B") > spread()
    assert spread(device="Some card", device_mem_bandwidth_gbs=1008) > spread()


PLAIN = {"kind": "decode", "device": "RTX 4090", "model": "Llama 3.1 8B", "quant": "Q4_K_M"}


def of(**said: Any) -> rows.Prediction:
    return rows.predict(rows.read([json.dumps(PLAIN | said)])[0])


def test_an_unknown_kind_gets_no_figure_but_the_kinds_there_are() -> None:
    got = of(kind="weird", unit=None)
    assert got.value is got.low is got.high is None
    assert "kind 'weird' is not known; it is one of decode, prefill, concurrent" in got.reason
    assert of(kind="weird", unit="tok/s").value is None
    assert of(kind="ttft", unit="ms").value
    assert of(kind="time to first token", unit="ms").value


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("concurrency", -5, "concurrency is -5; it can be from 1 to 1e+07"),
        ("context", -3, "context is -3; it can be from 0 to 1e+09"),
        ("prompt_tokens", "-1", "prompt_tokens is -1"),
        ("device_count", -2, "device_count is -2"),
        ("params_b", 1e300, "params_b is 1e+300"),
    ],
)
def test_a_figure_that_cannot_be_gets_no_prediction_but_the_reason(
    field: str, value: object, says: str
) -> None:
    got = of(**{field: value})
    assert got.value is got.low is got.high is None
    assert says in got.reason


@pytest.mark.parametrize("field", ["concurrency", "device_mem_bandwidth_gbs", "params_b"])
def test_a_zero_is_a_field_nobody_filled_in(field: str) -> None:
    assert of(**{field: 0}) == of()


def test_an_engine_that_is_not_told_is_not_called_none() -> None:
    assert "None" not in of().basis
    assert "an engine without a name is estimated like llama.cpp" in of().basis


def test_a_load_of_nobody_knows_how_many_says_what_was_taken() -> None:
    raw = {"kind": "concurrent", "engine": "vLLM", "device": "H100", "model": "Llama 3.1 8B"}
    got = rows.predict(rows.read([json.dumps(raw)])[0])
    assert "how many requests at once is not told: 16 are taken" in got.basis

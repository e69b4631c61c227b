"""What a device is decides more than its kind: its generation, and a GPU on a small board."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.choose import choose
from recommender.facts import Facts
from tests.recommender.made import engine, told


def test_a_jetson_with_much_memory_serves_many() -> None:
    rec = told("hardware=edge&device=jetson-thor&users=20")

    assert engine(rec) == "vllm"
    assert "small device has" not in str(rec)
    assert any(part.id == "kv-cache" for part in rec.memory.parts) if rec.memory else False


def test_a_jetson_computes_with_cuda_for_one_person() -> None:
    rec = told("hardware=edge&device=jetson-agx-orin-64gb&users=1&priority=control")

    assert engine(rec) == "llama.cpp"
    assert "cuda" in " ".join(c.shell for c in rec.commands).lower()
    assert "a small board" not in rec.headline


def test_a_raspberry_pi_stays_a_processor() -> None:
    rec = told("hardware=edge&device=raspberry-pi-5&users=20")

    assert engine(rec) in {"llama.cpp", "ollama"}
    assert "vllm" in {r.engine for r in rec.rejected} | {r.engine for r in rec.runners_up}


def test_tensorrt_llm_does_not_say_that_a_jetson_is_no_nvidia_gpu() -> None:
    rejected = {r.engine: r.reasons for r in told("device=jetson-thor&users=20").rejected}

    assert [r.rule for r in rejected["tensorrt-llm"]] == ["limit.tensorrt-llm.jetson"]


def test_a_t4_gets_no_mxfp4_on_vllm() -> None:
    facts = Facts(device="t4", hardware="nvidia", model="gpt-oss-20b", quant="MXFP4", users=10)

    assert choose("vllm", facts, catalogue.load()) is None
    assert choose("llama.cpp", facts, catalogue.load()) is not None


@pytest.mark.parametrize(
    ("device", "engine_id", "quant", "runs"),
    [
        ("t4", "tensorrt-llm", "FP8", False),
        ("a100-sxm-80gb", "vllm", "FP8", True),
        ("a100-sxm-80gb", "tensorrt-llm", "FP8", False),
        ("rtx-4090", "tensorrt-llm", "FP8", True),
        ("t4", "sglang", "FP8", False),
    ],
)
def test_the_generation_decides_what_an_engine_multiplies(
    device: str, engine_id: str, quant: str, *, runs: bool
) -> None:
    facts = Facts(device=device, hardware="nvidia", model="llama-3.1-8b", quant=quant, users=1)

    assert (choose(engine_id, facts, catalogue.load()) is not None) == runs


def test_every_nvidia_gpu_has_its_generation() -> None:
    devices = catalogue.load().devices.values()

    missing = [d.id for d in devices if d.backend.startswith("cuda") and not d.compute_capability]

    assert missing == []

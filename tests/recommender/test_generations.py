"""What a device is decides more than its kind: its generation, and a GPU on a small board."""

from __future__ import annotations

import pytest

from recommender import catalogue, rulebook
from recommender.catalogue import Catalogue, Device
from recommender.choose import choose
from recommender.facts import Facts
from recommender.limits import generation
from recommender.schema import DeviceLimit
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


@pytest.mark.parametrize("limit", rulebook.load().device_limits, ids=lambda limit: limit.id)
def test_no_device_of_a_generation_escapes_its_limit(limit: DeviceLimit) -> None:
    book, known = rulebook.load(), catalogue.load()
    below = [device for device in known.devices.values() if _is_under(limit, device)]

    kept_out = [
        d.id
        for d in below
        if generation(book, limit.engine, Facts(device=d.id, hardware=d.hardware), known)
    ]

    assert kept_out == [device.id for device in below] != []


def _is_under(limit: DeviceLimit, device: Device) -> bool:
    """Told anew from the data, so that a limit that reads it wrongly shows."""
    if limit.compute_capability_below:
        return (device.compute_capability or 99.0) < limit.compute_capability_below
    if limit.gfx_beside:
        return device.hardware == "amd" and device.gfx not in limit.gfx_beside
    return device.hardware == "edge"


@pytest.mark.parametrize(
    ("device", "kept_out"),
    [
        ("tesla-p40", {"vllm", "sglang", "tensorrt-llm"}),
        ("v100-sxm2-32gb", {"vllm", "sglang", "tensorrt-llm"}),
        ("titan-rtx", {"tensorrt-llm"}),
        ("quadro-rtx-8000", {"tensorrt-llm"}),
        ("rtx-2060-12gb", {"tensorrt-llm"}),
        ("mi50-16gb", {"vllm", "sglang"}),
        ("rx-6900-xt", {"vllm", "sglang"}),
        ("w7900", {"sglang"}),
        ("ryzen-ai-9-hx-370", {"sglang"}),
        ("mi355x", set()),
        ("jetson-t4000", {"tensorrt-llm"}),
        ("jetson-orin-nx-16gb", {"tensorrt-llm"}),
        ("rtx-4090", set()),
    ],
)
def test_each_generation_keeps_out_the_engines_whose_pages_leave_it_out(
    device: str, kept_out: set[str]
) -> None:
    found = catalogue.load().devices[device]

    assert {x.engine for x in rulebook.load().device_limits if x.bars(found)} == kept_out


@pytest.mark.parametrize(("device", "field"), [("l4", "compute_capability"), ("mi60", "gfx")])
def test_a_gpu_without_its_generation_does_not_load(device: str, field: str) -> None:
    known = catalogue.load()
    told_of = known.devices[device].model_dump(exclude={field})

    with pytest.raises(ValueError, match=f"device {device} .* say its {field}"):
        Catalogue({"device": [told_of]})


def test_a_limit_of_two_conditions_is_refused() -> None:
    limit = next(x for x in rulebook.load().device_limits if x.gfx_beside).model_dump()

    with pytest.raises(ValueError, match="give one of"):
        DeviceLimit.model_validate({**limit, "compute_capability_below": 7.5})


def test_a_device_of_ones_own_is_not_kept_out_for_what_nobody_knows() -> None:
    mine = Facts(device="custom:Mine;900;24", hardware="nvidia")

    assert generation(rulebook.load(), "vllm", mine, catalogue.load()) is None

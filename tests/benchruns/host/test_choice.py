from __future__ import annotations

import re

import pytest

from benchruns.host import choice
from benchruns.host.document import HostFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.plan import AIM
from recommender import catalogue

LAPTOP = HostFacts(
    cpu="a CPU",
    cores_physical=2,
    cores_logical=2,
    memory_gib=24,
    arch="x86_64",
    os="linux",
    read_gb_s=40,
)
MODELS = catalogue.load().models


def test_a_small_model_gets_a_quick_plan() -> None:
    plan = choice.default_plan("llama-3.2-1b", "Q4_0", "llama.cpp", LAPTOP)
    assert (plan.engine, plan.model, plan.quant) == ("llama.cpp", "llama-3.2-1b", "Q4_0")
    assert plan.clients == (1, 2, 4)
    assert plan.time_limit_s * AIM < 60


def test_a_larger_model_gets_more_time() -> None:
    plan = choice.default_plan("llama-3.1-8b", "Q8_0", "llama.cpp", LAPTOP)
    assert 60 < plan.time_limit_s * AIM <= choice.LONGEST_S


def test_it_names_the_quantisation_as_files_do() -> None:
    assert choice.default_plan("llama-3.2-1b", "FP16", "llama.cpp", LAPTOP).quant == "F16"


def test_it_refuses_models_nobody_knows() -> None:
    with pytest.raises(CannotMeasure, match="There is no model 'gpt-9'"):
        choice.default_plan("gpt-9", "Q4_0", "llama.cpp", LAPTOP)


def test_small_models_can_be_measured() -> None:
    assert choice.measurable(MODELS["llama-3.2-1b"], "Q4_K_M", LAPTOP) is None


@pytest.mark.parametrize(
    ("model", "quant", "sentence"),
    [
        ("llama-3.3-70b", "Q4_K_M", "would need 40.* GiB of memory to be measured here"),
        ("glm-4.5-air", "Q4_K_M", "layers whose tensors are not known here"),
        ("llama-3.2-1b", "AWQ", "'AWQ' cannot be made yet"),
        ("qwen2.5-32b", "Q4_0", "would take about .* minutes"),
    ],
)
def test_it_says_why_a_model_cannot_be_measured_here(model: str, quant: str, sentence: str) -> None:
    found = choice.measurable(MODELS[model], quant, LAPTOP)
    assert found is not None
    assert re.search(sentence, found), found


def test_it_says_so_when_the_disk_has_no_room() -> None:
    full = LAPTOP.model_copy(update={"disk_free_gib": 1.0})
    found = choice.measurable(MODELS["llama-3.2-1b"], "Q4_0", full)
    assert found is not None
    assert "need 1.2 GiB of disk; this machine has 1.0 GiB free" in found


def test_a_tiny_machine_gets_a_tiny_model() -> None:
    tiny = LAPTOP.model_copy(update={"memory_gib": 1.2})
    model, _ = choice.default_model(tiny)
    assert MODELS[model].params < MODELS["llama-3.2-1b"].params
    with pytest.raises(CannotMeasure, match="too small"):
        choice.default_model(LAPTOP.model_copy(update={"memory_gib": 0.3}))


def test_an_engine_that_compiles_before_it_answers_has_time_for_that() -> None:
    quick = choice.default_plan("qwen3-0.6b", "BF16", "llama.cpp", LAPTOP).time_limit_s
    compiled = choice.default_plan("qwen3-0.6b", "BF16", "vllm", LAPTOP).time_limit_s
    assert compiled == quick + choice.START_S["vllm"]

"""The catalogue: what it knows, by which names, and what it refuses."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from recommender import catalogue
from recommender.catalogue import Catalogue, Model
from recommender.rows import known

DATA = files("recommender") / "data"
SOURCE = {"url": "https://example.org/config.json"}
PEOPLE_RUN = [
    "smollm2-135m",
    "smollm2-360m",
    "tinyllama-1.1b",
    "llama-3.2-1b",
    "llama-3.2-3b",
    "llama-3.1-8b",
    "llama-3.3-70b",
    "qwen3-0.6b",
    "qwen3-1.7b",
    "qwen3-4b",
    "qwen3-8b",
    "qwen3-14b",
    "qwen3-32b",
    "qwen3-30b-a3b",
    "qwen3-coder-30b",
    "gemma-3-4b",
    "gemma-3-12b",
    "gemma-3-27b",
    "gemma-4-31b",
    "gpt-oss-20b",
    "gpt-oss-120b",
    "mistral-7b",
    "mistral-small-3.2-24b",
    "phi-4",
    "deepseek-r1",
    "qwen3.6-27b",
    "qwen3.6-35b-a3b",
    "qwen3-next-80b-a3b",
    "qwen3-coder-480b",
    "glm-4.6",
    "glm-5",
    "kimi-k2.5",
    "minimax-m2.5",
    "deepseek-v3.2",
    "nemotron-3-super-120b",
    "granite-4.0-h-small",
]


def a_model(**changes: Any) -> dict[str, Any]:
    shape = {"layers": 2, "hidden": 64, "heads": 4, "kv_heads": 2, "head_dim": 16, "ffn": 128}
    names = {"id": "toy", "name": "Toy", "hf_id": "nobody/toy", "family": "toy"}
    row = names | shape | {"params": 1000, "vocab": 256, "context_max": 512, "sources": [SOURCE]}
    return row | changes


def calibration() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "calibration.jsonl").read_text().splitlines()]


def shape_parameters(model: Model) -> int:
    """Parameters of a plain decoder with gated feed-forward, from its shape alone."""
    queries, keys = model.heads * model.head_dim, model.kv_heads * model.head_dim
    attention = 2 * model.hidden * (queries + keys)
    attention += 2 * model.head_dim if model.qk_norm else 0
    attention += queries + 2 * keys if model.qkv_bias else 0
    layer = attention + 3 * model.hidden * model.ffn + 2 * model.hidden
    embeddings = model.embedding_params * (1 if model.tied else 2)
    return embeddings + model.layers * layer + model.hidden


LLAMA_SHAPED = [m for m in known.load().models.values() if m.llama_shaped]


@pytest.mark.parametrize("model_id", PEOPLE_RUN)
def test_it_knows_the_models_people_run(model_id: str) -> None:
    assert catalogue.load().models[model_id].sources


@pytest.mark.parametrize("model", LLAMA_SHAPED, ids=lambda m: m.id)
def test_it_has_shapes_from_which_the_parameters_follow_exactly(model: Model) -> None:
    assert shape_parameters(model) == model.params


def test_it_finds_a_model_however_people_write_it() -> None:
    known = catalogue.load()
    names = (
        "llama-3.1-8b",
        "Llama 3.1 8B",
        "Llama 3.1 8B Instruct",
        "meta-llama/Llama-3.1-8B-Instruct",
    )
    assert all(known.model(name) is known.models["llama-3.1-8b"] for name in names)


def test_it_knows_every_model_and_device_of_the_published_measurements() -> None:
    known, rows = catalogue.load(), calibration()
    models = {row["model"] for row in rows if known.model(row["model"]) is None}
    devices = {row["device"] for row in rows if row["device"] and not known.device(row["device"])}
    assert models == set()
    assert devices == {"NVIDIA A100 (80 GB by the arithmetic)"}  # the row does not say which A100


def test_it_does_not_know_what_it_does_not_know() -> None:
    assert catalogue.load().model("gpt-9") is None
    assert catalogue.load().device("RTX 9090") is None


def test_it_agrees_with_the_bandwidth_that_measurements_state() -> None:
    for row in calibration():
        device = catalogue.load().device(row["device"] or "")
        if device is not None and row["device_mem_bandwidth_gbs"] is not None:
            assert device.bandwidth_gb_s == row["device_mem_bandwidth_gbs"], device.id


def test_it_covers_the_hardware_that_can_be_answered() -> None:
    kinds = {device.hardware for device in catalogue.load().devices.values()}
    assert kinds == {"cpu", "nvidia", "amd", "apple", "intel", "edge"}


def test_it_loads_once() -> None:
    assert catalogue.load() is catalogue.load()


def test_it_refuses_an_entry_without_a_source() -> None:
    with pytest.raises(ValidationError, match="sources"):
        Catalogue({"model": [a_model(sources=[])]})


def test_it_refuses_a_source_that_names_nothing() -> None:
    with pytest.raises(ValidationError, match="a source needs a `url` or a `cite`"):
        Catalogue({"model": [a_model(sources=[{"checked": "2026-11-20"}])]})


def test_it_refuses_a_field_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="layerz"):
        Catalogue({"model": [a_model(layerz=3)]})


def test_it_refuses_the_same_id_twice() -> None:
    with pytest.raises(ValueError, match="model toy is in the catalogue twice"):
        Catalogue({"model": [a_model(), a_model()]})


def test_it_refuses_an_alias_that_means_two_things() -> None:
    other = a_model(id="toy-2", name="Toy 2", hf_id="nobody/toy-2", aliases=["TOY"])
    with pytest.raises(ValueError, match="toy means both toy and toy-2"):
        Catalogue({"model": [a_model(), other]})


def test_it_refuses_half_a_mixture_of_experts() -> None:
    with pytest.raises(ValidationError, match="give all of experts"):
        Catalogue({"model": [a_model(experts=8)]})


def test_it_refuses_sliding_attention_without_a_window() -> None:
    with pytest.raises(ValidationError, match="sliding attention needs full_layers, window"):
        Catalogue({"model": [a_model(attention={"kind": "sliding"})]})


def test_it_refuses_a_quantisation_nobody_knows() -> None:
    places = {"gguf": "nobody/toy-GGUF", "gguf_quants": ["Q9_K"]}
    with pytest.raises(ValueError, match="model toy names Q9_K"):
        Catalogue({"model": [a_model(repositories=places)]})


def test_its_files_are_read_completely() -> None:
    for name in catalogue.FILES:
        tables = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
        assert set(tables) <= {"model", "quant", "device", "engine", "backend", "default", "link"}


@pytest.mark.parametrize(
    ("device", "cores", "operations", "ghz"),
    [("raspberry-pi-5", 4, 16, 2.4), ("raspberry-pi-4", 4, 8, 1.8)],
)
def test_a_small_board_computes_what_its_cores_can(
    device: str, cores: int, operations: int, ghz: float
) -> None:
    found = catalogue.load().devices[device]

    assert found.tflops["fp16"] == pytest.approx(cores * operations * ghz / 1000, rel=0.01)
    assert any(str(ghz) in source.cite for source in found.sources)

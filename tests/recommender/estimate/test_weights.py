"""Weights: as large as the files really are."""

from __future__ import annotations

import json
from importlib.resources import files
from statistics import median
from typing import Any

import pytest

from recommender import catalogue
from recommender.catalogue import GIB
from recommender.estimate.weights import experts_read, step_bytes, variant_of, weights_bytes

CATALOGUE = catalogue.load()
ENGINES = {"llama.cpp": "llama.cpp", "vLLM": "vllm", "Ollama": "ollama"}


def published() -> list[tuple[str, float, float]]:
    """Name, published GiB, computed GiB, for every row that names a quantisation we know."""
    text = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [
        (f"{row['model']} {row['quant']}", row["value"], computed)
        for row in rows
        if row["kind"] == "memory_weights" and (computed := _computed(row)) is not None
    ]


def _computed(row: dict[str, Any]) -> float | None:
    model, quant = CATALOGUE.model(row["model"]), CATALOGUE.quant(row["quant"])
    variant = quant.variant(ENGINES[row["engine"]]) if quant else None
    return weights_bytes(model, variant) / GIB if model and variant else None


def test_it_computes_published_sizes() -> None:
    errors = [abs(ours / theirs - 1) for _, theirs, ours in published()]
    assert len(errors) >= 25
    assert median(errors) < 0.005
    assert sorted(errors)[int(0.9 * len(errors))] < 0.07


@pytest.mark.parametrize(
    ("model_id", "quant_id", "size_gb"),
    [
        ("llama-3.1-8b", "Q4_K_M", 4.92),
        ("llama-3.3-70b", "Q4_K_M", 42.5),
        ("gpt-oss-20b", "MXFP4", 12.1),
    ],
)
def test_it_knows_files_people_download(model_id: str, quant_id: str, size_gb: float) -> None:
    variant = variant_of("llama.cpp", CATALOGUE.quants[quant_id])
    assert weights_bytes(CATALOGUE.models[model_id], variant) / 1e9 == pytest.approx(
        size_gb, rel=0.01
    )


@pytest.mark.parametrize("quant", CATALOGUE.quants.values(), ids=lambda q: q.id)
def test_its_bits_per_weight_are_those_of_a_whole_file(quant: catalogue.Quant) -> None:
    model_id = "gpt-oss-20b" if "gpt-oss" in quant.only else "llama-3.1-8b"
    model = CATALOGUE.models[model_id]
    whole = 8 * weights_bytes(model, quant.variants[0]) / model.params
    assert quant.bits_per_weight == pytest.approx(whole, rel=0.01)


def test_it_keeps_embeddings_precise_where_engines_do() -> None:
    model = CATALOGUE.models["llama-3.2-1b"]  # a quarter of it is one embedding
    variant = variant_of("llama.cpp", CATALOGUE.quants["Q4_K_M"])
    assert 8 * weights_bytes(model, variant) / model.params > 5.1


def test_it_reads_no_input_embedding_in_a_step() -> None:
    model = CATALOGUE.models["llama-3.1-8b"]
    variant = variant_of("llama.cpp", CATALOGUE.quants["F16"])
    assert (
        weights_bytes(model, variant) - step_bytes(model, variant, 1) == model.embedding_params * 2
    )


def test_it_reads_only_the_experts_that_tokens_choose() -> None:
    model = CATALOGUE.models["qwen3-30b-a3b"]
    variant = variant_of("llama.cpp", CATALOGUE.quants["Q8_0"])
    alone, crowd = (step_bytes(model, variant, n) for n in (1, 64))
    assert alone * 8 / 8.5 == pytest.approx(model.active, rel=0.15)
    assert crowd > 0.9 * weights_bytes(model, variant)


def test_it_touches_more_experts_as_the_batch_grows() -> None:
    shares = [experts_read(CATALOGUE.models["gpt-oss-20b"], n) for n in (1, 2, 4, 8, 64)]
    assert shares[0] == pytest.approx(4 / 32)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1, abs=0.001)
    assert experts_read(CATALOGUE.models["llama-3.1-8b"], 1) == 1


def test_it_says_which_engines_load_a_quantisation() -> None:
    with pytest.raises(
        ValueError, match=r"vllm does not load Q4_K_M; it is for llama\.cpp, ollama"
    ):
        variant_of("vllm", CATALOGUE.quants["Q4_K_M"])


def test_a_step_reads_no_tables_that_are_looked_up() -> None:
    model, variant = (
        CATALOGUE.models["gemma-4-e4b"],
        variant_of("llama.cpp", CATALOGUE.quants["Q8_0"]),
    )
    whole = model.model_copy(update={"looked_up_params": 0})
    saved = step_bytes(whole, variant, 1) - step_bytes(model, variant, 1)
    assert saved == pytest.approx(2_818_572_288 * variant.body_bits / 8)
    assert weights_bytes(whole, variant) == weights_bytes(model, variant)  # stored all the same

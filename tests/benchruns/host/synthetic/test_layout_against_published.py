"""The mixtures against files that people download: Hugging Face's file sizes in bytes."""

from __future__ import annotations

import pytest

from benchruns.host.synthetic import layout, shape
from benchruns.host.synthetic.shape import Shape
from benchruns.host.weights import measurable_ids
from recommender import catalogue

PUBLISHED = [
    ("llama-3.1-8b", "Q4_K_M", 4_920_734_272),
    ("llama-3.1-8b", "Q8_0", 8_540_770_880),
    ("llama-3.3-70b", "Q4_K_M", 42_520_395_584),
]


@pytest.mark.parametrize(("model_id", "quant", "bytes_"), PUBLISHED)
def test_it_is_as_large_as_the_published_file(model_id: str, quant: str, bytes_: int) -> None:
    found = shape.from_model(catalogue.load().models[model_id])
    assert layout.weights_bytes(found, quant) == pytest.approx(bytes_, rel=0.003)


MIXTRAL_8X22B = Shape(
    arch="llama",
    layers=56,
    hidden=6144,
    heads=48,
    kv_heads=8,
    head_dim=128,
    ffn=16384,
    vocab=32000,
    context_max=65536,
    tied=False,
    experts=8,
    experts_used=2,
    expert_ffn=16384,
)


@pytest.mark.parametrize(("quant", "gb"), [("Q4_K_M", 85.58), ("Q5_K_M", 99.96)])
def test_a_mixture_is_as_large_as_the_published_file(quant: str, gb: float) -> None:
    """bartowski/Mixtral-8x22B-v0.1-GGUF, its table of files."""
    assert layout.weights_bytes(MIXTRAL_8X22B, quant) / 1e9 == pytest.approx(gb, rel=0.003)


def test_every_catalogue_model_it_can_make_has_exactly_its_parameters() -> None:
    models = catalogue.load().models
    assert {"qwen3-30b-a3b", "mixtral-8x7b", "gemma-3-4b", "gpt-oss-20b"} < set(measurable_ids())
    for model_id in measurable_ids():
        if not models[model_id].embedding_only:
            assert layout.params(shape.from_model(models[model_id])) == models[model_id].params

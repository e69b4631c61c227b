"""Files that llama.cpp loads, as the synthetic weights are: read back, and counted without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchruns.host.synthetic import gguf, layout
from benchruns.host.synthetic.shape import Shape
from recommender.own import gguf_file, header, parameters
from recommender.own.reading import from_path
from tests.benchruns.host.instrument import BROAD, GEMMA3, GPT_OSS, MIXTRAL, MIXTURE

SHAPES = (BROAD, MIXTURE, MIXTRAL, GEMMA3, GPT_OSS)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.arch)
def test_it_reads_back_what_was_written(tmp_path: Path, shape: Shape) -> None:
    gguf.write(tmp_path / "model.gguf", shape, "Q8_0", wrote=lambda _bytes: None)
    found = from_path(tmp_path / "model.gguf")
    made = found.model

    assert found.quant == "Q8_0"
    assert made.params == layout.params(shape)
    assert (made.layers, made.hidden, made.heads) == (shape.layers, shape.hidden, shape.heads)
    assert (made.kv_heads, made.head_dim, made.vocab) == (
        shape.kv_heads,
        shape.head_dim,
        shape.vocab,
    )
    assert (made.experts or 0, made.active_experts or 0) == (shape.experts, shape.experts_used)
    assert made.attention.window == (shape.window or None)
    assert made.tied == shape.tied


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.arch)
def test_the_count_from_sizes_alone_is_the_count_of_the_tensors(
    tmp_path: Path, shape: Shape
) -> None:
    gguf.write(tmp_path / "model.gguf", shape, "Q8_0", wrote=lambda _bytes: None)
    read = header.read((tmp_path / "model.gguf").read_bytes())
    assert parameters.total(gguf_file.shape(read)) == pytest.approx(layout.params(shape), rel=0.03)

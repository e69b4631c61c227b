"""What is written is a GGUF file that the reference reader reads and dequantises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, ReaderTensor, dequantize

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import gguf, layout
from benchruns.host.synthetic.shape import Shape
from tests.benchruns.host.instrument import BROAD, TINY


def written(path: Path, shape: Shape, quant: str) -> GGUFReader:
    gguf.write(path, shape, quant, wrote=lambda _bytes: None)
    return GGUFReader(path)


def values(tensor: ReaderTensor) -> np.ndarray:
    if tensor.tensor_type in {GGMLQuantizationType.F16, GGMLQuantizationType.F32}:
        return np.asarray(tensor.data, np.float32)
    return dequantize(tensor.data, tensor.tensor_type)


@pytest.mark.parametrize("quant", sorted(layout.QUANTS))
def test_it_writes_weights_that_are_centred_small_and_finite(tmp_path: Path, quant: str) -> None:
    reader = written(tmp_path / "model.gguf", BROAD, quant)
    for tensor in reader.tensors:
        found = values(tensor)
        assert np.isfinite(found).all(), tensor.name
        if "norm" in tensor.name:
            assert (found == 1).all(), tensor.name
        else:
            assert abs(found.mean()) < 0.003, tensor.name
            assert 0.015 < found.std() < 0.025, tensor.name


@pytest.mark.parametrize("quant", sorted(layout.QUANTS))
def test_it_says_beforehand_how_large_the_weights_are(tmp_path: Path, quant: str) -> None:
    reader = written(tmp_path / "model.gguf", BROAD, quant)
    assert sum(int(t.n_bytes) for t in reader.tensors) == layout.weights_bytes(BROAD, quant)
    assert sum(int(t.n_elements) for t in reader.tensors) == layout.params(BROAD)


def test_it_says_its_shape_in_the_header(tmp_path: Path) -> None:
    reader = written(tmp_path / "model.gguf", TINY, "Q8_0")
    found = {
        key: reader.get_field(f"llama.{key}").contents()
        for key in ("block_count", "embedding_length", "attention.head_count_kv", "vocab_size")
    }
    assert found == {
        "block_count": 2,
        "embedding_length": 64,
        "attention.head_count_kv": 2,
        "vocab_size": 512,
    }


def test_it_names_every_token_once(tmp_path: Path) -> None:
    reader = written(tmp_path / "model.gguf", TINY, "Q8_0")
    tokens = reader.get_field("tokenizer.ggml.tokens").contents()
    assert len(tokens) == len(set(tokens)) == 512


def test_a_tied_model_has_no_output_matrix_of_its_own(tmp_path: Path) -> None:
    tied = {t.name for t in layout.tensors(TINY, "Q8_0")}
    untied = {t.name for t in layout.tensors(replace(TINY, tied=False), "Q8_0")}
    assert untied - tied == {"output.weight"}


def test_a_decode_step_reads_all_but_an_embedding_of_which_it_needs_one_row() -> None:
    sizes = {t.name: t.nbytes for t in layout.tensors(BROAD, "Q8_0")}
    whole = sum(sizes.values())
    assert layout.decode_bytes(BROAD, "Q8_0") == whole - sizes["token_embd.weight"]
    tied = replace(BROAD, tied=True)
    assert layout.decode_bytes(tied, "Q8_0") == layout.weights_bytes(tied, "Q8_0")


def test_rows_that_no_k_block_fits_fall_back_as_llama_cpp_does() -> None:
    narrow = replace(BROAD, hidden=288, ffn=544)
    kinds = {t.name: t.kind.name for t in layout.tensors(narrow, "Q4_K_M")}
    assert kinds["blk.1.attn_q.weight"] == "Q5_0"
    assert kinds["output.weight"] == "Q8_0"
    assert kinds["blk.1.attn_output.weight"] == "Q4_K"


@pytest.mark.parametrize(
    ("arch", "extra"), [("qwen2", "attn_q.bias"), ("qwen3", "attn_q_norm.weight")]
)
def test_it_knows_what_other_architectures_add(arch: str, extra: str) -> None:
    names = {t.name for t in layout.tensors(replace(TINY, arch=arch), "Q8_0")}
    assert f"blk.0.{extra}" in names


def test_it_refuses_what_it_cannot_write() -> None:
    with pytest.raises(CannotMeasure, match="'Q3_X' cannot be made yet; F16"):
        layout.tensors(TINY, "Q3_X")
    with pytest.raises(CannotMeasure, match="multiples of 32"):
        layout.tensors(replace(TINY, hidden=40), "Q8_0")


def test_it_refuses_a_vocabulary_without_room_for_words(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="A vocabulary of 64 is too small"):
        gguf.write(tmp_path / "x.gguf", replace(TINY, vocab=64), "Q8_0", wrote=lambda _: None)

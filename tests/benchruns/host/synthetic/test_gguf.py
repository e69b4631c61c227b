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
from tests.benchruns.host.instrument import BROAD, GEMMA3, GPT_OSS, MIXTRAL, MIXTURE, TINY

KINDS = [(GPT_OSS if quant == "MXFP4" else BROAD, quant) for quant in sorted(layout.QUANTS)]
SHAPES = [*KINDS, (MIXTURE, "Q4_K_M"), (MIXTRAL, "Q4_K_M"), (GEMMA3, "Q8_0"), (GPT_OSS, "Q5_K_M")]


def written(path: Path, shape: Shape, quant: str) -> GGUFReader:
    gguf.write(path, shape, quant, wrote=lambda _bytes: None)
    return GGUFReader(path)


def values(tensor: ReaderTensor) -> np.ndarray:
    if tensor.tensor_type in {GGMLQuantizationType.F16, GGMLQuantizationType.F32}:
        return np.asarray(tensor.data, np.float32)
    return dequantize(tensor.data, tensor.tensor_type)


@pytest.mark.parametrize(("shape", "quant"), SHAPES)
def test_it_writes_weights_that_are_centred_small_and_finite(
    tmp_path: Path, shape: Shape, quant: str
) -> None:
    reader = written(tmp_path / "model.gguf", shape, quant)
    for tensor in reader.tensors:
        found = values(tensor)
        assert np.isfinite(found).all(), tensor.name
        if "norm" in tensor.name:
            assert (found == 1).all(), tensor.name
        elif found.size > 2000:  # of fewer nobody can tell
            assert abs(found.mean()) < 0.003, tensor.name
            assert 0.015 < found.std() < 0.025, tensor.name


@pytest.mark.parametrize(("shape", "quant"), SHAPES)
def test_it_says_beforehand_how_large_the_weights_are(
    tmp_path: Path, shape: Shape, quant: str
) -> None:
    reader = written(tmp_path / "model.gguf", shape, quant)
    assert sum(int(t.n_bytes) for t in reader.tensors) == layout.weights_bytes(shape, quant)
    assert sum(int(t.n_elements) for t in reader.tensors) == layout.params(shape)


def test_no_two_experts_are_asked_for_alike(tmp_path: Path) -> None:
    """Equal rows of a router would send every token to the same experts."""
    reader = written(tmp_path / "model.gguf", MIXTURE, "Q8_0")
    router = next(t for t in reader.tensors if t.name == "blk.0.ffn_gate_inp.weight")
    rows = np.asarray(router.data).reshape(MIXTURE.experts, MIXTURE.hidden)
    assert len(np.unique(rows, axis=0)) == MIXTURE.experts


def test_its_header_says_how_many_experts_and_how_far_back_layers_see(tmp_path: Path) -> None:
    header = written(tmp_path / "moe.gguf", GPT_OSS, "Q8_0").get_field
    told = {
        key: header(f"gpt-oss.{key}").contents()
        for key in ("expert_count", "expert_used_count", "attention.sliding_window")
    }
    assert told == {"expert_count": 16, "expert_used_count": 2, "attention.sliding_window": 128}


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


def test_a_decode_step_of_a_mixture_reads_the_experts_of_one_token() -> None:
    parts = {t.name: t.nbytes for t in layout.tensors(MIXTURE, "Q8_0")}
    experts = sum(size for name, size in parts.items() if "_exps." in name)
    rest = sum(parts.values()) - experts - parts["token_embd.weight"]
    assert layout.decode_bytes(MIXTURE, "Q8_0") == rest + experts * 2 // 16


def test_few_experts_give_the_attention_better_types_as_llama_cpp_does() -> None:
    kinds = {t.name: t.kind.name for t in layout.tensors(MIXTRAL, "Q4_K_M")}
    assert {kinds[f"blk.1.attn_{name}.weight"] for name in "kv"} == {"Q8_0"}
    assert kinds["blk.1.attn_output.weight"] == "Q5_K"
    assert kinds["blk.1.ffn_gate_inp.weight"] == "F32"
    assert kinds["blk.1.ffn_up_exps.weight"] == "Q4_K"


def test_mxfp4_is_for_experts_only() -> None:
    kinds = {t.name: t.kind.name for t in layout.tensors(GPT_OSS, "MXFP4")}
    assert {kinds[f"blk.0.ffn_{name}_exps.weight"] for name in ("gate", "up", "down")} == {"MXFP4"}
    assert kinds["blk.0.attn_q.weight"] == kinds["output.weight"] == "Q8_0"
    with pytest.raises(CannotMeasure, match="MXFP4 quantises experts only"):
        layout.tensors(BROAD, "MXFP4")


def test_rows_that_no_k_block_fits_fall_back_as_llama_cpp_does() -> None:
    narrow = replace(BROAD, hidden=288, ffn=544)
    kinds = {t.name: t.kind.name for t in layout.tensors(narrow, "Q4_K_M")}
    assert kinds["blk.1.attn_q.weight"] == "Q5_0"
    assert kinds["output.weight"] == "Q8_0"
    assert kinds["blk.1.attn_output.weight"] == "Q4_K"
    kinds = {t.name: t.kind.name for t in layout.tensors(narrow, "Q5_K_M")}
    assert kinds["blk.1.attn_q.weight"] == "Q5_1"


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

"""Hugging Face folders. That vLLM and MLX-LM load them is shown by `make test-engines`."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchruns.host import forms
from benchruns.host.errors import Cancelled, CannotMeasure
from benchruns.host.synthetic import config, folders, safetensors, tokenizer
from benchruns.host.weights import GgufFile, Synthetic
from tests.benchruns.host.instrument import BROAD, TINY


def made(where: Path, *, weights: bool = True, **changes: Any) -> Path:
    shape = replace(TINY, **changes)
    return folders.provide(where, "tiny", shape, "BF16", weights=weights)


def header(folder: Path) -> tuple[dict[str, Any], int]:
    with (folder / safetensors.NAME).open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length


def test_its_config_is_the_shape_it_was_made_of(tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert config.from_file(folder / "config.json") == replace(TINY, rope_theta=TINY.rope_theta)


def test_the_weights_lie_where_the_header_says_one_after_the_other(tmp_path: Path) -> None:
    folder = made(tmp_path)
    told, begin = header(folder)
    told.pop("__metadata__")
    at = 0
    for part in told.values():
        assert part["data_offsets"][0] == at
        assert part["data_offsets"][1] - at == 2 * int(np.prod(part["shape"]))
        at = part["data_offsets"][1]
    assert begin % 8 == 0
    assert (folder / safetensors.NAME).stat().st_size == begin + at
    assert at == safetensors.weights_bytes(TINY)


def test_norms_are_ones_and_the_rest_is_small_and_finite(tmp_path: Path) -> None:
    folder = made(tmp_path)
    told, begin = header(folder)
    raw = np.fromfile(folder / safetensors.NAME, np.uint8)[begin:]

    def values(name: str) -> Any:
        first, last = told[name]["data_offsets"]
        wide = raw[first:last].view("<u2").astype(np.uint32) << 16
        return wide.view(np.float32)

    assert set(values("model.norm.weight")) == {1.0}
    embedding = values("model.embed_tokens.weight")
    assert np.isfinite(embedding).all()
    assert 0.01 < embedding.std() < 0.03


@pytest.mark.parametrize(
    ("arch", "name"),
    [
        ("qwen2", "model.layers.0.self_attn.k_proj.bias"),
        ("qwen3", "model.layers.0.self_attn.q_norm.weight"),
    ],
)
def test_other_architectures_have_their_own_tensors(tmp_path: Path, arch: str, name: str) -> None:
    assert name in header(made(tmp_path, arch=arch))[0]
    assert name not in header(made(tmp_path))[0]


def test_a_tied_model_has_no_output_layer_of_its_own(tmp_path: Path) -> None:
    assert "lm_head.weight" not in header(made(tmp_path, tied=True))[0]
    assert "lm_head.weight" in header(made(tmp_path, tied=False))[0]
    assert safetensors.decode_bytes(replace(TINY, tied=False)) == safetensors.decode_bytes(TINY)


def test_the_tokenizer_has_a_word_for_every_token_and_two_ends(tmp_path: Path) -> None:
    told = json.loads((made(tmp_path) / "tokenizer.json").read_text())
    vocabulary = told["model"]["vocab"]
    assert len(vocabulary) == TINY.vocab
    assert vocabulary["Ġ" + tokenizer.word(3)] == 3
    assert told["model"]["ignore_merges"] is True
    assert [one["id"] for one in told["added_tokens"]] == [TINY.vocab - 2, TINY.vocab - 1]


def test_an_engine_that_makes_its_own_weights_gets_none(tmp_path: Path) -> None:
    folder = made(tmp_path, weights=False)
    assert not (folder / safetensors.NAME).exists()
    assert (folder / "config.json").exists()


def test_it_is_made_once(tmp_path: Path) -> None:
    first = made(tmp_path)
    before = (first / safetensors.NAME).stat().st_mtime_ns
    assert made(tmp_path) == first
    assert (first / safetensors.NAME).stat().st_mtime_ns == before


def test_one_that_was_cancelled_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, whole: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        folders.provide(tmp_path, "tiny", BROAD, "BF16", weights=True, wrote=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_a_maker_who_is_gone_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / ".tiny-BF16-0.hf.999999999.hfpart"
    left.mkdir()
    made(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize(
    ("changes", "quant", "why"),
    [
        ({"arch": "gpt-oss"}, "BF16", "such a model .gpt-oss. cannot be made yet; dense ones can"),
        ({"experts": 8}, "BF16", "llama, with experts"),
        ({}, "Q4_0", "are BF16 or F16, not Q4_0"),
        ({"vocab": 50}, "BF16", "A vocabulary of 50 is too small"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(
    tmp_path: Path, changes: dict[str, Any], quant: str, why: str
) -> None:
    with pytest.raises(CannotMeasure, match=why):
        folders.provide(tmp_path, "x", replace(TINY, **changes), quant, weights=True)


def test_a_source_takes_the_form_that_an_engine_loads(tmp_path: Path) -> None:
    source = Synthetic("tiny", "Tiny", TINY, "BF16", tmp_path)
    assert forms.in_form(source, "gguf", "llama.cpp") is source
    dummy = forms.in_form(source, forms.DUMMY, "vLLM")
    assert isinstance(dummy, forms.SyntheticFolder)
    assert not dummy.weights
    whole = forms.in_form(source, forms.SAFETENSORS, "MLX-LM")
    assert whole.facts().weights_bytes == safetensors.weights_bytes(TINY)
    assert whole.facts().params == source.facts().params


def test_a_file_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    gguf = Synthetic("tiny", "Tiny", TINY, "Q8_0", tmp_path).prepare(lambda _done, _whole: None)
    with pytest.raises(CannotMeasure, match="vLLM loads a folder of safetensors, not a GGUF file"):
        forms.in_form(GgufFile(gguf), forms.DUMMY, "vLLM")
    real = forms.RealFolder(made(tmp_path))
    with pytest.raises(CannotMeasure, match=r"llama\.cpp loads GGUF files"):
        forms.in_form(real, "gguf", "llama.cpp")


def test_a_real_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = made(tmp_path)
    real = forms.RealFolder(folder)
    assert real.prepare(lambda _done, _whole: None) == folder
    facts = real.facts()
    assert (facts.quant, facts.synthetic) == ("BF16", False)
    assert facts.params == safetensors.params(TINY)
    with pytest.raises(CannotMeasure, match="no model folder"):
        forms.RealFolder(tmp_path)

"""The head of a GGUF file: read from real files that the gguf package writes, never their data."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import catalogue
from recommender.own import header
from recommender.own.errors import OwnError
from recommender.own.reading import Reading, from_gguf, from_path

LAYERS, HIDDEN, HEADS, KV, DIM, FFN, VOCAB = 2, 64, 4, 2, 16, 128, 6000
NAMES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
SHAPES = {
    "attn_q": (HEADS * DIM, HIDDEN),
    "attn_k": (KV * DIM, HIDDEN),
    "attn_v": (KV * DIM, HIDDEN),
    "attn_output": (HIDDEN, HEADS * DIM),
    "ffn_gate": (FFN, HIDDEN),
    "ffn_up": (FFN, HIDDEN),
    "ffn_down": (HIDDEN, FFN),
}


def written(path: Path, arch: str = "llama", **extra: int | list[int] | list[bool]) -> Path:
    """A small model as llama.cpp's converter writes it; `extra` are keys of its architecture."""
    writer = gguf.GGUFWriter(path, arch)
    writer.add_name("Small but real")
    writer.add_block_count(LAYERS)
    writer.add_context_length(4096)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    if "attention.head_count_kv" not in extra:
        writer.add_head_count_kv(KV)
    for key, value in extra.items():
        add = writer.add_array if isinstance(value, list) else writer.add_uint32
        add(f"{arch}.{key}", value)
    writer.add_token_list([f"word {n}" for n in range(VOCAB)])
    writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_F16))
    _tensors(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(writer: gguf.GGUFWriter) -> None:
    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, np.zeros(shape, dtype=np.float16))

    add("token_embd.weight", VOCAB, HIDDEN)
    add("output_norm.weight", HIDDEN)
    for n in range(LAYERS):
        for name in NAMES:
            add(f"blk.{n}.{name}.weight", *SHAPES[name])
        add(f"blk.{n}.attn_norm.weight", HIDDEN)
        add(f"blk.{n}.ffn_norm.weight", HIDDEN)


def refused(head: bytes) -> str:
    with pytest.raises(OwnError) as caught:
        from_gguf(head)
    return str(caught.value)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(tmp_path / "small.gguf")


def by_gguf(path: Path) -> int:
    """Elements of all tensors as the gguf package itself counts them."""
    return sum(int(tensor.n_elements) for tensor in gguf.GGUFReader(path).tensors)


def test_it_reads_sizes_name_and_bits(small: Path) -> None:
    found = from_path(small)
    made = found.model

    assert (made.name, made.layers, made.hidden, made.vocab) == (
        "Small but real",
        LAYERS,
        HIDDEN,
        VOCAB,
    )
    assert (made.heads, made.kv_heads, made.head_dim, made.ffn) == (HEADS, KV, DIM, FFN)
    assert found.quant == "F16"
    assert found.notes == ()
    assert catalogue.load().model(found.answer) == made


def test_it_counts_the_tensors_themselves(small: Path) -> None:
    made = from_path(small).model
    assert made.params == by_gguf(small)
    assert made.tied, "there is no output matrix beside the embedding"
    assert made.llama_shaped


def test_only_the_head_is_needed(small: Path) -> None:
    whole = small.read_bytes()
    reader = gguf.GGUFReader(small)
    assert from_gguf(whole[: reader.data_offset]) == from_gguf(whole)


def test_a_head_that_is_cut_off_among_the_words_is_read_as_far_as_it_goes(small: Path) -> None:
    cut = from_gguf(small.read_bytes()[:20_000])

    assert cut.model.layers == LAYERS
    assert cut.model.vocab == VOCAB
    assert cut.quant is None
    assert "cut off" in cut.notes[0]


def test_a_mixture_of_experts_by_its_keys(tmp_path: Path) -> None:
    keys = {"expert_count": 8, "expert_used_count": 2, "expert_feed_forward_length": 32}
    head = written(tmp_path / "moe.gguf", "qwen3moe", **keys).read_bytes()[:20_000]
    made = from_gguf(head).model
    assert (made.experts, made.active_experts, made.expert_ffn) == (8, 2, 32)
    assert made.active < made.params


def test_windows_latent_vectors_and_states_by_their_keys(tmp_path: Path) -> None:
    near = {"attention.sliding_window": 1024, "attention.sliding_window_pattern": [True, False]}
    sliding = from_path(written(tmp_path / "s.gguf", "gemma4", **near)).model.attention
    assert (sliding.kind, sliding.full_layers, sliding.window) == ("sliding", 1, 1024)

    lora = {"attention.kv_lora_rank": 512, "rope.dimension_count": 64}
    lora |= {"attention.key_length_mla": 192, "attention.value_length_mla": 128}
    latent = from_path(written(tmp_path / "m.gguf", "deepseek2", **lora)).model.attention
    assert (latent.kind, latent.latent) == ("mla", 576)

    ssm = {"ssm.inner_size": 4096, "ssm.state_size": 128, "ssm.group_count": 16}
    ssm |= {"ssm.conv_kernel": 4, "ssm.time_step_rank": 32, "full_attention_interval": 2}
    head = written(tmp_path / "h.gguf", "qwen35", **ssm).read_bytes()[:20_000]
    hybrid = from_gguf(head).model.attention
    known = catalogue.load().models["qwen3.5-35b-a3b"].attention
    assert (hybrid.kind, hybrid.full_layers) == ("hybrid", 1)
    assert hybrid.state_bytes == known.state_bytes


def test_one_file_of_several_is_computed(tmp_path: Path) -> None:
    path = tmp_path / "part.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in {"block_count": 32, "context_length": 8192, "embedding_length": 4096}.items():
        writer.add_uint32(f"llama.{key}", value)
    writer.add_uint32("llama.feed_forward_length", 14336)
    writer.add_head_count(32)
    writer.add_head_count_kv(8)
    writer.add_vocab_size(128256)
    writer.add_uint16("split.count", 3)
    writer.add_tensor("token_embd.weight", np.zeros((4, 4096), dtype=np.float16))
    for write in (writer.write_header_to_file, writer.write_kv_data_to_file):
        write()
    writer.write_tensors_to_file()
    writer.close()

    found = from_path(path)
    assert found.model.params == pytest.approx(8.03e9, rel=0.07)
    assert "One file of several" in found.notes[0]


def a_list_of(words: int) -> bytes:
    """One key with a list of so many empty texts."""
    start = struct.pack("<IQQQ", 3, 0, 1, 1) + b"w" + struct.pack("<IIQ", 9, 8, words)
    return b"GGUF" + start + bytes(8 * words)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"PK\x03\x04", "does not begin with the letters GGUF"),
        (b"GGUF" + struct.pack("<I", 99) + bytes(16), "version 99"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60), "too many entries"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<QI", 0, 77), "no type 77"),
        (a_list_of(2**21), "too long a list"),
        (a_list_of(2**20 - 1), "does not say its architecture"),
        (b"GGUF", "does not say its architecture"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62), "does not say its architecture"),
    ],
)
def test_it_says_what_is_wrong(head: bytes, says: str) -> None:
    assert says in refused(head)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bare.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    said = refused(path.read_bytes())
    assert all(key in said for key in ("block_count", "embedding_length", "context_length"))


def test_a_folder_with_a_config_is_named_after_it(tmp_path: Path) -> None:
    from json import dumps

    from tests.recommender.own.configs import PLAIN

    (tmp_path / "My-Tune").mkdir()
    (tmp_path / "My-Tune" / "config.json").write_text(dumps(PLAIN))
    assert from_path(tmp_path / "My-Tune").model.name == "My-Tune"
    with pytest.raises(OwnError, match="cannot be read: No such file"):
        from_path(tmp_path / "nowhere.gguf")


@settings(deadline=None)  # the first call loads the catalogue
@given(st.binary(max_size=200))
def test_it_answers_any_bytes_with_a_sentence(rest: bytes) -> None:
    assert refused(b"GGUF" + struct.pack("<IQQ", 3, 3, 3) + rest).endswith(".")


@settings(deadline=None)  # the first call loads the catalogue
@given(where=st.integers(24, 2000), what=st.integers(0, 255))
def test_a_damaged_head_is_a_sentence_or_a_model(where: int, what: int, small_bytes: bytes) -> None:
    damaged = bytearray(small_bytes)
    damaged[where] = what
    try:
        found = from_gguf(bytes(damaged))
    except OwnError as error:
        told = str(error)
    else:
        told = "." if isinstance(found, Reading) else ""
    assert told.endswith(".")


@pytest.fixture(scope="module")
def small_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("gguf") / "small.gguf").read_bytes()[:4000]


def test_it_reads_no_more_than_the_head_of_a_large_file(small: Path) -> None:
    assert header.MOST_BYTES < 32 * 2**20
    with small.open("ab") as file:
        file.truncate(3 * 2**30)  # sparse: takes no room
    assert from_path(small).model.layers == LAYERS

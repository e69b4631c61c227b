"""The cache: by the model's own way of remembering."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.catalogue import GIB
from recommender.estimate import kv

MODELS = catalogue.load().models
MIB = 2**20


@pytest.mark.parametrize(("tokens", "mib"), [(2048, 256), (32768, 4096)])
def test_it_agrees_with_the_log_of_llama_cpp(tokens: int, mib: float) -> None:
    assert kv.bytes_of(MODELS["mistral-7b-v0.2"], tokens) == mib * MIB


def test_it_agrees_with_the_log_of_vllm() -> None:
    # RTX 4090: "Available KV cache memory 6.93 GiB" made a pool of 56,800 tokens.
    assert 6.93 * GIB / kv.per_token(MODELS["llama-3.1-8b"], 8192) == pytest.approx(
        56_800, rel=0.001
    )


def test_it_keeps_one_compressed_vector_for_latent_attention() -> None:
    plain = 2 * 61 * 128 * 128 * 2
    assert kv.per_token(MODELS["deepseek-r1"], 4096) == 61 * 576 * 2
    assert kv.per_token(MODELS["deepseek-r1"], 4096) < plain / 50


def test_it_stops_growing_in_sliding_layers() -> None:
    model = MODELS["gpt-oss-20b"]
    step = kv.bytes_of(model, 20_001) - kv.bytes_of(model, 20_000)
    assert step == 12 * 2 * 8 * 64 * 2  # only the 12 full layers
    assert kv.bytes_of(model, 128) == 24 * 2 * 8 * 64 * 2 * 128


def test_it_uses_the_wider_heads_of_global_layers() -> None:
    model = MODELS["gemma-4-31b"]
    step = kv.bytes_of(model, 20_001) - kv.bytes_of(model, 20_000)
    assert step == 10 * 2 * 4 * 512 * 2


def test_it_counts_a_recurrent_state_once_whatever_the_length() -> None:
    model = MODELS["qwen3.6-27b"]
    assert kv.bytes_of(model, 0) == 48 * model.attention.state_bytes > 0
    step = kv.bytes_of(model, 1001) - kv.bytes_of(model, 1000)
    assert step == 16 * 2 * 4 * 256 * 2

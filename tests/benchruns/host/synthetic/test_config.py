"""Shapes from the config.json files that models come with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import config, layout, shape
from recommender import catalogue

LLAMA = {
    "model_type": "llama",
    "num_hidden_layers": 16,
    "hidden_size": 2048,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 8192,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": True,
    "rope_theta": 500000.0,
}
QWEN3_MOE = {
    "model_type": "qwen3_moe",
    "num_hidden_layers": 48,
    "hidden_size": 2048,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "intermediate_size": 6144,
    "moe_intermediate_size": 768,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "vocab_size": 151936,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": False,
}
GEMMA3 = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "num_hidden_layers": 34,
        "hidden_size": 2560,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "intermediate_size": 10240,
        "vocab_size": 262208,
        "sliding_window": 1024,
    },
    "vision_config": {"hidden_size": 1152},
}
GPT_OSS = {
    "model_type": "gpt_oss",
    "num_hidden_layers": 24,
    "hidden_size": 2880,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "intermediate_size": 2880,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "vocab_size": 201088,
    "sliding_window": 128,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "tie_word_embeddings": False,
}


def test_a_config_json_and_the_catalogue_say_the_same_of_a_model() -> None:
    of_catalogue = shape.from_model(catalogue.load().models["llama-3.2-1b"])
    of_config = config.from_config({**LLAMA, "head_dim": 64})
    assert layout.params(of_config) == layout.params(of_catalogue) == 1_235_814_400
    assert of_config == of_catalogue


@pytest.mark.parametrize(
    ("told", "model"),
    [(QWEN3_MOE, "qwen3-30b-a3b"), (GEMMA3, "gemma-3-4b"), (GPT_OSS, "gpt-oss-20b")],
)
def test_mixtures_and_windows_are_the_same_shape_too(told: dict[str, object], model: str) -> None:
    of_catalogue = shape.from_model(catalogue.load().models[model]).spec()
    of_config = config.from_config(told).spec()
    for of_the_text in ("context_max", "rope_theta"):
        del of_catalogue[of_the_text], of_config[of_the_text]
    assert of_config == of_catalogue


def test_it_derives_what_a_config_leaves_out() -> None:
    found = config.from_config({k: v for k, v in LLAMA.items() if k != "num_key_value_heads"})
    assert (found.kv_heads, found.head_dim) == (32, 64)


@pytest.mark.parametrize(
    ("base", "changes", "sentence"),
    [
        (LLAMA, {"model_type": "mamba"}, "architecture 'mamba' cannot be made yet; those of gemma"),
        (LLAMA, {"hidden_size": "big"}, "hidden_size must be a whole number from 0 .*, not 'big'"),
        (LLAMA, {"num_hidden_layers": None}, "config.json does not say num_hidden_layers"),
        (LLAMA, {"max_position_embeddings": None, "model_type": "qwen3_moe"}, "does not say max_"),
        (LLAMA, {"vocab_size": True}, "vocab_size must be a whole number"),
        (LLAMA, {"rope_theta": "steep"}, "rope_theta must be a number above 0, not 'steep'"),
        (LLAMA, {"num_experts": 8, "num_experts_per_tok": 2}, "llama with such experts cannot"),
        (QWEN3_MOE, {"num_experts": 0}, "config.json needs num_experts"),
        (QWEN3_MOE, {"num_experts_per_tok": 129}, "129 experts are active of 128"),
        (QWEN3_MOE, {"n_shared_experts": 1}, "without experts that are always on"),
        (QWEN3_MOE, {"mlp_only_layers": [0]}, "layers without experts between those with some"),
        (QWEN3_MOE, {"decoder_sparse_step": 2}, "layers without experts between those with some"),
        (GPT_OSS, {"sliding_window": 0}, "config.json needs sliding_window"),
        (GPT_OSS, {"layer_types": ["full_attention"] * 24}, "full attention in one layer of 2"),
    ],
)
def test_it_says_what_is_wrong_with_a_config(
    base: dict[str, object], changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CannotMeasure, match=sentence):
        config.from_config({**base, **changes})


def test_a_published_file_may_leave_out_what_its_library_knows() -> None:
    """Gemma 3's names neither heads nor its vocabulary."""
    text = GEMMA3["text_config"]
    assert isinstance(text, dict)
    known = {"num_attention_heads", "num_key_value_heads", "head_dim", "vocab_size"}
    brief = {k: v for k, v in text.items() if k not in known}
    assert config.from_config({**GEMMA3, "text_config": brief}) == config.from_config(GEMMA3)


def test_newer_files_keep_the_rotary_base_elsewhere() -> None:
    newer = {k: v for k, v in LLAMA.items() if k != "rope_theta"}
    newer["rope_parameters"] = {"rope_type": "default", "rope_theta": 500000.0}
    assert config.from_config(newer) == config.from_config(LLAMA)
    del newer["rope_parameters"]
    assert config.from_config(newer).rope_theta == 10_000.0


def test_it_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="cannot be read: No such file"):
        config.from_file(tmp_path / "config.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(CannotMeasure, match="is not JSON"):
        config.from_file(broken)
    broken.write_text(json.dumps([1]))
    with pytest.raises(CannotMeasure, match="is a JSON object, in braces"):
        config.from_file(broken)

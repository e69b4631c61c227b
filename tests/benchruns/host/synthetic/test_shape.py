from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import layout, shape
from benchruns.host.synthetic.tokenizer import vocabulary, word
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


def test_a_config_json_and_the_catalogue_say_the_same_of_a_model() -> None:
    of_catalogue = shape.from_model(catalogue.load().models["llama-3.2-1b"])
    of_config = shape.from_config({**LLAMA, "head_dim": 64})
    assert layout.params(of_config) == layout.params(of_catalogue) == 1_235_814_400
    assert of_config == of_catalogue


def test_it_derives_what_a_config_leaves_out() -> None:
    found = shape.from_config({k: v for k, v in LLAMA.items() if k != "num_key_value_heads"})
    assert (found.kv_heads, found.head_dim) == (32, 64)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model_type": "mamba"}, "architecture 'mamba' cannot be made yet; those of llama"),
        (
            {"hidden_size": "big"},
            "config.json needs hidden_size as a whole number above 0, not 'big'",
        ),
        ({"num_hidden_layers": None}, "config.json needs num_hidden_layers"),
        ({"vocab_size": True}, "config.json needs vocab_size"),
    ],
)
def test_it_says_what_is_wrong_with_a_config(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(CannotMeasure, match=sentence):
        shape.from_config({**LLAMA, **changes})


def test_it_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="cannot be read: No such file"):
        shape.from_config_file(tmp_path / "config.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(CannotMeasure, match="is not JSON"):
        shape.from_config_file(broken)
    broken.write_text(json.dumps([1]))
    with pytest.raises(CannotMeasure, match="holds no object"):
        shape.from_config_file(broken)


def test_it_refuses_shapes_that_are_not_plain_decoders() -> None:
    mixture = next(m for m in catalogue.load().models.values() if m.experts is not None)
    with pytest.raises(CannotMeasure, match="is not a plain Llama-shaped decoder"):
        shape.from_model(mixture)


def test_words_are_letters_only_and_never_repeat() -> None:
    words = [word(i) for i in range(60_000)]
    assert len(set(words)) == len(words)
    assert all(w.isalpha() and w.isascii() for w in words)
    assert len(set(vocabulary(128_256))) == 128_256

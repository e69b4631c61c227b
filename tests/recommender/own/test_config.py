"""Any config.json as a model: sizes, layers that differ, parameters, and plain refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import catalogue
from recommender.entries import Model
from recommender.own import config
from recommender.own.errors import OwnError
from recommender.own.reading import from_config
from tests.recommender.own.configs import BEYOND, PLAIN, PUBLISHED, QWEN_HYBRID, SCOUT

SIZES = ("layers", "hidden", "heads", "kv_heads", "vocab", "experts", "active_experts")


def read(**changes: Any) -> Model:
    return from_config(json.dumps(PLAIN | changes), name="Mine").model


def refused(text: str) -> str:
    with pytest.raises(OwnError) as caught:
        from_config(text)
    return str(caught.value)


@pytest.mark.parametrize("model_id", PUBLISHED)
def test_it_reads_what_the_catalogue_knows(model_id: str) -> None:
    known = catalogue.load().models[model_id]
    found = from_config(json.dumps(PUBLISHED[model_id]), name=model_id).model

    assert [getattr(found, size) for size in SIZES] == [getattr(known, size) for size in SIZES]
    assert found.context_max == known.context_max
    assert found.params == pytest.approx(known.params, rel=0.01)
    assert found.active == pytest.approx(known.active, rel=0.11)  # cards count embeddings or not


@pytest.mark.parametrize("model_id", [m for m in PUBLISHED if m != "llama-4-scout"])
def test_it_remembers_as_the_catalogue_does(model_id: str) -> None:
    known = catalogue.load().models[model_id].attention
    found = from_config(json.dumps(PUBLISHED[model_id]), name=model_id).model.attention

    assert (found.kind, found.full_layers) == (known.kind, known.full_layers)
    assert (found.window, found.latent) == (known.window, known.latent)
    assert (found.full_kv_heads, found.full_head_dim) == (known.full_kv_heads, known.full_head_dim)


@pytest.mark.parametrize("name", BEYOND)
def test_it_counts_the_parameters_of_models_that_are_in_no_catalogue(name: str) -> None:
    said, billions = BEYOND[name]
    assert from_config(json.dumps(said), name=name).model.params / 1e9 == pytest.approx(
        billions, rel=0.02
    )


def test_plain_shapes_are_exact_and_can_be_synthesised() -> None:
    known = catalogue.load().models["llama-3.1-8b"]
    assert (read().params, read().llama_shaped) == (known.params, True)
    assert not read(model_type="olmo2").llama_shaped


def test_a_state_is_as_large_as_the_catalogue_says() -> None:
    found = from_config(json.dumps(QWEN_HYBRID), name="q").model
    known = catalogue.load().models["qwen3.5-35b-a3b"]
    assert found.attention.state_bytes == known.attention.state_bytes


def test_chunks_of_attention_are_kept_as_windows() -> None:
    attention = from_config(json.dumps(SCOUT), name="s").model.attention
    assert (attention.kind, attention.full_layers, attention.window) == ("sliding", 12, 8192)


def test_the_last_layers_may_slide() -> None:
    said = {"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 4096}
    attention = read(**said, max_window_layers=28).attention
    assert (attention.kind, attention.full_layers) == ("sliding", 28)


def test_a_window_as_long_as_the_context_is_none() -> None:
    assert read(model_type="phi3", sliding_window=262144).attention.kind == "full"


def test_it_finds_the_language_model_inside_one_that_sees() -> None:
    tower = {"hidden_size": 1024, "num_hidden_layers": 24, "intermediate_size": 4096}
    said = {"model_type": "mistral3", "text_config": PLAIN, "vision_config": tower}
    found = from_config(json.dumps(said), name="m")
    assert found.model.layers == 32
    assert found.model.extra_params == 24 * (4 * 1024 * 1024 + 2 * 1024 * 4096)
    assert "roughly" in found.notes[-1]


def test_a_model_without_a_head_embeds() -> None:
    assert read(architectures=["Qwen3Model"]).embedding_only
    assert not read().embedding_only


def test_an_unknown_architecture_is_read_as_others_are_and_says_so() -> None:
    strange = from_config(json.dumps(PLAIN | {"model_type": "brand_new"}))
    assert strange.model.params == read().params
    assert "brand_new is read as others" in strange.notes[0]
    assert from_config(json.dumps(PLAIN)).notes == ()


def test_the_name_is_kept_and_a_repository_too() -> None:
    said = json.dumps(PLAIN)
    assert from_config(said, name="Ann's <b>model</b>; v2").model.name == "Ann s b model b v2"
    theirs = from_config(said, name="acme/Fine-8B").model
    assert (theirs.name, theirs.hf_id) == ("Fine-8B", "acme/Fine-8B")
    assert (
        from_config(json.dumps(PLAIN | {"_name_or_path": "acme/Base"})).model.hf_id == "acme/Base"
    )


def test_it_says_all_that_is_missing_at_once() -> None:
    said = refused('{"model_type": "something"}')
    assert all(name in said for name in ("num_hidden_layers", "hidden_size", "vocab_size"))
    assert "num_attention_heads" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "in braces"),
        ("[" * 100_000, "not JSON"),
        (json.dumps(PLAIN | {"hidden_size": "wide"}), "hidden_size must be a whole number"),
        (json.dumps(PLAIN | {"hidden_size": -1}), "hidden_size must be a whole number"),
        (json.dumps(PLAIN | {"hidden_size": True}), "hidden_size must be a whole number"),
        (json.dumps(PLAIN | {"num_hidden_layers": 10**6}), "more than any model has"),
        (json.dumps(PLAIN | {"num_key_value_heads": 5}), "32 heads cannot share 5"),
        (json.dumps(PLAIN | {"is_encoder_decoder": True}), "word by word"),
        (json.dumps(PLAIN | {"layer_types": ["full_attention"]}), "names 1 layers"),
        (json.dumps(PLAIN | {"layer_types": ["mamba"] * 32}), "keep a state"),
        (json.dumps(PLAIN | {"num_experts": 4, "num_experts_per_tok": 8}), "that cannot be"),
        (json.dumps(PLAIN | {"block_configs": [{}]}), "differ in size"),
        (json.dumps({"_class_name": "FluxPipeline"}), "word by word"),
        (json.dumps(PLAIN | {"hybrid_override_pattern": "MX"}), "'X'"),
        ("{" + " " * config.MOST_BYTES + "}", "at most 4 MiB"),
    ],
)
def test_it_says_what_is_wrong(text: str, says: str) -> None:
    assert says in refused(text)


names = st.sampled_from([*PLAIN, "layer_types", "num_experts", "num_experts_per_tok", "head_dim"])
values = st.integers(-5, 2**40) | st.sampled_from(
    [None, True, False, "", "llama", 1.5, [], [1, "a"], ["mamba"] * 32, {}, 0, 1, 8, 128, 2**31]
)


@settings(deadline=None)  # the first call loads the catalogue
@given(st.lists(st.tuples(names, values), max_size=4))
def test_it_answers_any_nonsense_with_a_model_or_a_sentence(changes: list[Any]) -> None:
    assert outcome(json.dumps(PLAIN | dict(changes))).endswith(".")


def outcome(text: str) -> str:
    """The sentence of a refusal; of a model, that its answer means the same model."""
    try:
        found = from_config(text, name="n").model
    except OwnError as error:
        return str(error)
    return "the same." if catalogue.load().model(found.id) == found else "something else"


def test_tables_that_every_layer_looks_into_are_told_apart() -> None:
    plain, found = read(), read(hidden_size_per_layer_input=64, vocab_size_per_layer_input=1000)
    assert plain.looked_up_params == 0
    assert found.looked_up_params == 64 * 1000 * plain.layers
    assert found.params > plain.params + found.looked_up_params

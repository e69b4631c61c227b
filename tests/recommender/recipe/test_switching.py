"""From one engine to another: what a client changes, and which flags correspond."""

from __future__ import annotations

import pytest

from recommender.facts import Facts
from recommender.recipe.switching import NOTES, switches
from recommender.recommendation import Switch
from tests.recommender.recipe.cases import CATALOGUE, cases, choose, named

BOX = Facts(device="rtx-4090", users=8, os="linux", model="qwen3-8b", context=8192)


def found(engine: str, facts: Facts = BOX) -> dict[str, Switch]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    others = [other for other in CATALOGUE.engines if other not in {engine, "mlx-lm"}]
    return {s.engine: s for s in switches(engine, choice, others, facts, CATALOGUE)}


def rows(switch: Switch) -> dict[str, tuple[str, str]]:
    return {row.what: (row.here, row.there) for row in switch.rows}


def test_a_client_changes_the_address_and_the_name() -> None:
    told = rows(found("vllm")["ollama"])
    assert told["Base URL"] == ("http://127.0.0.1:8000/v1", "http://127.0.0.1:11434/v1")
    assert told["Name in the API"] == ("qwen3-8b", "qwen3:8b-q8_0")


def test_weights_of_another_format_are_fetched_anew() -> None:
    told = rows(found("vllm")["llama.cpp"])
    assert told["Format"] == ("safetensors", "GGUF")
    assert told["Weights"][0] == "Qwen/Qwen3-8B-FP8"
    assert told["Weights"][1].startswith("Qwen/Qwen3-8B-GGUF:")


def test_the_same_thing_has_another_name() -> None:
    told = rows(found("llama.cpp")["vllm"])
    assert told["Requests at once"] == ("--parallel 8", "--max-num-seqs 8")
    assert told["Context"][1] == "--max-model-len 8192"
    assert told["API key"] == ("LLAMA_API_KEY", "VLLM_API_KEY")


def test_llama_cpp_counts_the_context_of_all_slots_together() -> None:
    told = rows(found("ollama")["llama.cpp"])
    assert told["Context"] == ("OLLAMA_CONTEXT_LENGTH 8192", "--ctx-size 65536")


def test_an_engine_without_keys_has_none() -> None:
    assert rows(found("vllm")["ollama"])["API key"] == ("VLLM_API_KEY", "")


def test_the_quantisation_stays_where_the_other_engine_has_it() -> None:
    assert (
        rows(found("llama.cpp")["ollama"])["Quantisation"][0]
        == (rows(found("llama.cpp")["ollama"])["Quantisation"][1])
    )


@pytest.mark.parametrize("engine", sorted(NOTES))
def test_every_switch_names_what_everybody_changes(engine: str) -> None:
    told = 0
    for case in cases():
        if case[0] != engine or case[1].quant is not None:
            continue
        choice = choose(*case, CATALOGUE)
        assert choice is not None
        others = [other for other in NOTES if other != engine]
        for switch in switches(engine, choice, others, case[1], CATALOGUE):
            names = [row.what for row in switch.rows]
            assert names[:5] == [
                "Base URL",
                "Name in the API",
                "Weights",
                "Format",
                "Quantisation",
            ], named(case)
            assert all(row.here or row.there for row in switch.rows)
            told += 1
    assert told

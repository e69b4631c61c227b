"""What does not fit, and is started all the same: with fewer layers or fewer bits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender.facts import Facts
from recommender.recipe.ways import with_shell
from recommender.recommendation import WayOut
from tests.recommender.made import told
from tests.recommender.recipe.cases import CATALOGUE, choose
from tests.recommender.recipe.said import of_shell
from tests.recommender.recipe.test_options import wrong

TOO_LARGE = "users=1&hardware=nvidia&os=linux&device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M"
BOX = Facts(device="rtx-4090", users=4, os="linux", model="qwen3-8b")
HALF = WayOut("kv-type", "the cache in 8 bits", kv_type="q8_0")
SPLIT = WayOut("offload", "20 of 36 layers", gpu_layers=20, layers=36)


def started(engine: str, way: WayOut) -> WayOut:
    choice = choose(engine, BOX, CATALOGUE)
    assert choice is not None
    (found,) = with_shell((way,), engine, *choice, BOX, CATALOGUE)
    return found


def test_seventy_billion_on_one_card_say_how_many_layers_go_where() -> None:
    rec = told(TOO_LARGE)
    assert rec.engine is None
    assert rec.memory is not None
    way = next(way for way in rec.memory.ways_out if way.id == "offload")
    assert way.engine == "llama.cpp"
    assert f"--n-gpu-layers {way.gpu_layers}" in way.shell
    assert "Llama-3.3-70B-Instruct-GGUF:Q4_K_M" in way.shell


@pytest.mark.parametrize(
    ("engine", "kv_type", "words"),
    [
        ("llama.cpp", "q8_0", ("--cache-type-k q8_0", "--cache-type-v q8_0")),
        ("ollama", "q8_0", ("OLLAMA_KV_CACHE_TYPE=q8_0",)),
        ("vllm", "fp8", ("--kv-cache-dtype fp8",)),
        ("sglang", "fp8_e4m3", ("--kv-cache-dtype fp8_e4m3",)),
    ],
)
def test_a_smaller_cache_is_one_option(engine: str, kv_type: str, words: tuple[str, ...]) -> None:
    way = started(engine, replace(HALF, kv_type=kv_type))
    for word in words:
        assert word in way.shell
    assert not [why for said in of_shell("way", way.shell) if (why := wrong(engine, said))]


def test_layers_on_the_processor_are_said_with_an_option_llama_cpp_knows() -> None:
    way = started("llama.cpp", SPLIT)
    assert "--n-gpu-layers 20" in way.shell
    assert not [why for said in of_shell("way", way.shell) if (why := wrong("llama.cpp", said))]


def test_what_an_engine_cannot_be_told_is_not_made_up() -> None:
    assert started("vllm", SPLIT).shell == ""
    assert started("tensorrt-llm", HALF).shell == ""
    assert started("llama.cpp", WayOut("gpus", "2 of these", gpus=2)).shell == ""

"""Weights of one's own: nobody publishes them, so the recipe says where they are expected."""

from __future__ import annotations

import re

import pytest
import yaml

from recommender.facts import Facts
from recommender.recipe import commands
from recommender.recipe.forms import forms
from recommender.recommendation import Command, Form
from tests.recommender.recipe.cases import CATALOGUE, choose
from tests.recommender.recipe.said import of_compose, of_manifest, of_unit, text_of
from tests.recommender.recipe.test_options import wrong

SHAPE = "layers32;hidden4096;heads32;kv8;dim128;ffn14336;vocab128256;context8192"
MINE = f"custom:My Llama (2026);params8000000000;{SHAPE}"
LINUX = Facts(model=MINE, device="rtx-4090", users=4, os="linux")
ENGINES = ("ollama", "llama.cpp", "vllm", "sglang", "tgi", "tensorrt-llm")


def recipe(engine: str, facts: Facts = LINUX) -> tuple[Command, ...]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return commands(engine, *choice, facts, CATALOGUE)


def files(engine: str, facts: Facts = LINUX) -> dict[str, Form]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return {form.id: form for form in forms(engine, *choice, facts, CATALOGUE)}


@pytest.mark.parametrize("engine", ENGINES)
def test_it_says_where_they_are_expected_and_serves_them_from_there(engine: str) -> None:
    steps = recipe(engine)
    get = next(c for c in steps if c.step == "get-model")
    serve = next(c for c in steps if c.step == "serve")
    assert "Nobody publishes these weights" in get.note
    path = re.search(r"/srv/models/My-Llama-2026\S*", get.shell)
    assert path is not None
    assert engine == "ollama" or path.group() in serve.shell
    assert not any("custom:" in command.shell for command in steps)
    assert not any("hf download" in command.shell for command in steps)


@pytest.mark.parametrize("engine", ENGINES)
def test_its_files_show_them_to_the_engine_and_use_known_options(engine: str) -> None:
    made = files(engine)
    compose, manifest = text_of(made["compose"]), text_of(made["kubernetes"])
    service = yaml.safe_load(compose)["services"]["engine"]
    assert any(volume.endswith(":/srv/models/:ro") for volume in service["volumes"])
    assert "subPath: own" in manifest
    said = (*of_compose(compose), *of_manifest(manifest), *of_unit(text_of(made["service"])))
    assert not [why for one in said if (why := wrong(engine, one))]


def test_each_system_has_a_folder_that_exists_there() -> None:
    mac = recipe("llama.cpp", Facts(model=MINE, hardware="apple", memory_gb=64, os="macos"))
    windows = recipe("llama.cpp", Facts(model=MINE, hardware="nvidia", memory_gb=24, os="windows"))
    assert "/Users/Shared/models/My-Llama-2026.gguf" in mac[1].shell
    assert "C:\\models\\My-Llama-2026.gguf" in windows[1].shell


def test_on_windows_a_container_sees_the_folder_of_its_linux() -> None:
    facts = Facts(model=MINE, hardware="nvidia", memory_gb=24, users=2, os="windows")
    compose = text_of(files("llama.cpp", facts)["compose"])
    assert "WSL2" in compose
    assert "/srv/models/My-Llama-2026.gguf" in compose
    assert "C:" not in compose


def test_a_repository_that_was_named_is_fetched_by_the_engines_that_load_it() -> None:
    named = Facts(
        model=f"custom:acme/llama-8b;params8000000000;{SHAPE}",
        device="h100-sxm-80gb",
        quant="BF16",
        users=4,
        os="linux",
    )
    steps = recipe("vllm", named)
    assert "hf download acme/llama-8b" in next(c.shell for c in steps if c.step == "get-model")
    assert "vllm serve acme/llama-8b" in next(c.shell for c in steps if c.step == "serve")

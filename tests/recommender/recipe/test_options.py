"""Recipes say to programs only what the data knows, in the form the data names."""

from __future__ import annotations

import pytest

from recommender.entries import Entry
from recommender.recipe.options import FORMS, Option, known, programs, roles
from tests.recommender.recipe.cases import cases, named
from tests.recommender.recipe.said import Said, everything

ENGINES = ("llama.cpp", "mlx-lm", "ollama", "sglang", "tensorrt-llm", "tgi", "vllm")


def wrong(engine: str, said: Said) -> str:
    """What is wrong with it; "" where nothing is."""
    options = known(engine).get(said.name)
    if options is None:
        return f"{said.name} is not known ({said.where})"
    if any(o.value == "" or o.accepts(said.value) for o in options):
        return ""
    return f"{said.name} does not take {said.value!r} ({said.where})"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_recipe_uses_only_what_is_known_and_in_its_form(engine: str) -> None:
    found = [(case, said) for case in cases() if case[0] == engine for said in everything(*case)]
    problems = {why: named(case) for case, said in found if (why := wrong(engine, said))}
    assert len(found) > 50
    assert not problems


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_of_an_engines_server_is_known_that_no_recipe_says(engine: str) -> None:
    said = {said.name for case in cases() if case[0] == engine for said in everything(*case)}
    server = next(program for program in programs() if program.engine == engine)
    unused = {o.name for o in (*server.options, *server.environment)} - said - LEFT_TO_THE_READER
    assert not unused


LEFT_TO_THE_READER = {
    "OLLAMA_KEEP_ALIVE",
    "OLLAMA_MAX_LOADED_MODELS",
    "--n-gpu-layers",  # said of what does not fit (test_ways.py)
    "--model",  # said of weights of one's own
}


def test_it_knows_where_it_read_the_options() -> None:
    for program in programs():
        assert program.seen
        assert program.sources
        assert all(source.checked for source in program.sources)
        assert all(o.meaning for o in (*program.options, *program.environment))


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_says_how_it_is_told_the_load(engine: str) -> None:
    told = {option.role for option in roles(engine).values()}
    assert "slots" in told
    assert {"host", "model"} & told
    assert "context" in told or engine == "mlx-lm"  # whose cache grows


@pytest.mark.parametrize(
    ("form", "right", "not_right"),
    [
        ("integer", "8192", "8k"),
        ("fraction", "0.9", "90"),
        ("address", "127.0.0.1", "localhost"),
        ("address-port", "0.0.0.0:11434", "0.0.0.0"),
        ("proportions", "1,1,2", "1;1"),
        ("repository", "Qwen/Qwen3-8B-GGUF:Q4_K_M", "Qwen3"),
        ("path", "/srv/models/a.gguf", "a b"),
        ("published", "127.0.0.1:80:80", "80:80"),
        ("duration", "-1", "for ever"),
        ("version", "0.35.1", "latest"),
        ("url", "http://127.0.0.1:8000", "127.0.0.1"),
    ],
)
def test_a_value_has_the_form_that_was_written_down(form: str, right: str, not_right: str) -> None:
    option = Option(name="--x", meaning="x", value=form)  # type: ignore[arg-type]
    assert option.accepts(right)
    assert not option.accepts(not_right)
    assert form in FORMS


def test_choices_belong_to_the_form_choice() -> None:
    with pytest.raises(ValueError, match="`choices` belong to the form choice"):
        Option(name="--x", meaning="x", value="integer", choices=("a",))


def test_a_role_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="role 'speed' is none of"):
        Option(name="--x", meaning="x", role="speed")


def test_options_are_entries_like_all_data() -> None:
    assert issubclass(Option, Entry)

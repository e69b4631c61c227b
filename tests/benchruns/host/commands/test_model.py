from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from recommender import table
from tests.recommender.own.configs import DEEPSEEK, PLAIN, QWEN_HYBRID
from tests.recommender.own.test_gguf_file import written


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(table, "_kept", [])


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Fine-8B").mkdir()
    (tmp_path / "Fine-8B" / "config.json").write_text(json.dumps(PLAIN))
    return tmp_path / "Fine-8B"


def test_it_prints_the_shape_and_the_answer_that_means_it(folder: Path) -> None:
    told = run("model", folder)

    assert told.exit_code == 0, told.output
    assert "parameters  8.03 billion" in told.output
    assert "32, keys and values 8 × 128" in told.output
    answer = told.output.splitlines()[-1]
    again = run("estimate", "--answer", f"model={answer}", "--answer", "device=rtx-4090")
    assert "Fine-8B" in again.output


@pytest.mark.parametrize(
    ("config", "says"),
    [(DEEPSEEK, "one vector of 576"), (QWEN_HYBRID, "10 layers keep everything, 30 a state")],
)
def test_it_says_how_a_model_remembers(
    tmp_path: Path, config: dict[str, object], says: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert says in run("model", tmp_path).output


def test_it_prints_json(folder: Path) -> None:
    told = json.loads(run("model", folder / "config.json", "--json", "--name", "acme/Mine").output)
    assert (told["params"], told["hf_id"], told["quant"]) == (8_030_261_248, "acme/Mine", None)
    assert told["answer"].startswith("custom:acme/Mine;")


def test_a_config_can_be_recommended_for(folder: Path) -> None:
    told = run("recommend", "--json", "--model-config", folder, "--answer", "device=rtx-4090")
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["model_name"] == "Fine-8B"


def test_a_gguf_file_names_its_bits_too(tmp_path: Path) -> None:
    file = written(tmp_path / "small.gguf")
    told = json.loads(run("recommend", "--json", "--gguf", file).output)
    assert (told["model_name"], told["quant"]) == ("Small but real", "F16")
    other = run("recommend", "--json", "--gguf", file, "--answer", "quant=Q4_0")
    assert json.loads(other.output)["quant"] == "Q4_0"


def test_two_models_are_one_too_many(folder: Path) -> None:
    told = run("recommend", "--model-config", folder, "--answer", "model=qwen3-8b")
    assert told.exit_code == 2
    assert "Give one model" in told.output


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert "does not say num_hidden_layers" in run("model", tmp_path).output
    assert "cannot be read" in run("model", tmp_path / "nothing.gguf").output
    assert run("recommend", "--gguf", tmp_path / "nothing.gguf").exit_code == 2

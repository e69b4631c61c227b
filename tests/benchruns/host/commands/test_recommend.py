from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from recommender import table
from tests.benchruns.made import document


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(table, "_kept", [])


def run(*arguments: str) -> Result:
    said = [part for answer in arguments for part in ("--answer", answer)]
    return CliRunner().invoke(main, ["recommend", *said])


def test_it_tells_the_engine_and_why() -> None:
    found = run("users=50", "hardware=nvidia", "os=linux", "purpose=production-api")

    assert found.exit_code == 0, found.output
    assert found.output.startswith("vLLM: the simplest engine")
    assert "a1.r2" in found.output
    assert "vllm serve" in found.output
    assert "Rule book" in found.output


def test_it_tells_the_same_as_json() -> None:
    found = CliRunner().invoke(
        main, ["recommend", "--json", "--answer", "privacy=auditable", "--answer", "hardware=cpu"]
    )

    told = json.loads(found.stdout)
    assert told["engine"] == "llama.cpp"
    assert told["settled"] is True
    assert told["next_question"] is None


def test_it_writes_the_whole_recipe_as_markdown() -> None:
    found = CliRunner().invoke(main, ["recommend", "--markdown", "--answer", "users=1"])

    assert found.exit_code == 0
    assert found.stdout.startswith("# Ollama")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("users=0", "users is 0, but it takes a whole number from 1 to 100000"),
        ("hardware=abacus", "It takes one of: none-yet, cpu"),
        ("colour=red", "There is no question 'colour'"),
        ("users", "write it as ID=VALUE"),
    ],
)
def test_it_refuses_what_it_does_not_understand(answer: str, said: str) -> None:
    found = run(answer)

    assert found.exit_code == 2
    assert said in found.output
    assert "Traceback" not in found.output


def test_a_result_file_is_evidence(tmp_path: Path) -> None:
    made = document()
    file = tmp_path / "attic.json"
    file.write_text(made.model_dump_json())
    said = {
        "hardware": made.host.hardware,
        "model": made.model.id,
        "quant": made.model.quant,
        "users": str(made.points[0].clients),
        "priority": "control",
    }
    answers = [part for pair in said.items() for part in ("--answer", "=".join(pair))]

    found = CliRunner().invoke(main, ["recommend", *answers, "--evidence", str(file)])

    assert found.exit_code == 0, found.output
    assert "Measured on attic" in found.output
    assert file.as_uri() in found.output


def test_a_file_that_is_no_result_document_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text('{"kind": "notes"}')

    found = CliRunner().invoke(main, ["recommend", "--evidence", str(file)])

    assert found.exit_code == 2
    assert "is not a result document" in found.output


def test_it_names_machines_for_who_has_none() -> None:
    found = run("hardware=none-yet", "users=4", "model=qwen3-8b")

    assert found.exit_code == 0, found.output
    assert "Which machine to get:" in found.output
    assert "% to spare" in found.output


def test_it_works_out_a_cost_from_prices_and_only_then() -> None:
    answers = ("device=rtx-4090", "users=4", "model=qwen3-8b")
    prices = ("price=1800", "currency=EUR", "years=3", "utilisation=0.3")
    asked = [part for answer in answers for part in ("--answer", answer)]
    given = [part for price in prices for part in ("--price", price)]
    found = CliRunner().invoke(main, ["recommend", *asked, *given])

    assert found.exit_code == 0, found.output
    assert "A million output tokens: " in found.output
    assert "A million output tokens" not in run(*answers).output


def test_it_says_what_is_wrong_with_a_price() -> None:
    found = CliRunner().invoke(main, ["recommend", "--price", "price=cheap"])

    assert found.exit_code == 2
    assert "price is 'cheap', but it takes a number" in found.output

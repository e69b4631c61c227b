"""`rigguide calibrate`, with the fit itself left out: `tests/recommender/calibrate` has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from benchruns.host.commands import calibrate
from recommender.calibrate import outcome, samples
from recommender.calibrate.outcome import Outcome
from tests.benchruns.made import document


@pytest.fixture(scope="module")
def quick() -> Outcome:
    """A fit on three sources that have every kind of row between any two of them."""
    sources = ("ggml-org/llama.cpp", "ml-explore/mlx-lm", "kyuz0/amd-r9700-vllm-toolboxes")
    few = [one for one in samples.samples() if one.said.group in sources]
    return outcome.calibrate(few)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch, quick: Outcome) -> None:
    monkeypatch.setattr(calibrate, "calibrate", lambda found: quick)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["calibrate", *arguments])


def test_it_reports_errors_beside_the_plain_roofline_and_writes_nothing(tmp_path: Path) -> None:
    said = run("--data", str(tmp_path))
    assert said.exit_code == 0, said.output
    assert "plain median" in said.output
    assert said.output.count("would change; write it with --write") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_second_time_nothing_changes(tmp_path: Path) -> None:
    run("--data", str(tmp_path), "--write")
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(written) == {"speed.json", "accuracy.json"}
    again = run("--data", str(tmp_path), "--write")
    assert again.output.count(": as it was.") == 2
    assert written == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_result_that_teaches_nothing_is_refused_with_the_reason(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    result.write_text(document().model_dump_json())
    said = run("--data", str(tmp_path), "--add", str(result))
    assert said.exit_code == 2
    assert "cannot be added" in said.output


def test_what_is_no_result_document_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"a": 1}))
    said = run("--data", str(tmp_path), "--add", str(other))
    assert said.exit_code == 2
    assert "cannot be added" in said.output

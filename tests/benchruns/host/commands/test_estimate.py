from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from recommender import table

ROW = {
    "id": "x-1",
    "kind": "decode",
    "engine": "llama.cpp",
    "device": "2x RTX 3090",
    "model": "Meta-Llama-3.1-70B-Instruct",
    "quant": "Q4_K_M",
    "value": 17.0,
    "unit": "tok/s",
}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(table, "_kept", [])


def estimate(lines: str) -> Result:
    return CliRunner().invoke(main, ["estimate", "--rows", "-"], input=lines)


def test_each_row_gets_a_line_in_its_own_unit() -> None:
    found = estimate(json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "id": "x-2", "unit": None}))

    assert found.exit_code == 0, found.output
    first, second = map(json.loads, found.stdout.splitlines())
    assert list(first) == ["id", "value", "low", "high", "unit", "basis"]
    assert (first["id"], first["unit"], second["id"]) == ("x-1", "tok/s", "x-2")
    assert 5 < first["low"] < first["value"] < first["high"] < 60


def test_a_row_nobody_can_tell_anything_of_says_why() -> None:
    found = estimate(json.dumps({"id": 7, "kind": "decode", "model": "whatever"}))

    told = json.loads(found.stdout)
    assert (told["id"], told["value"]) == (7, None)
    assert "params_b" in told["reason"]


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        ("{", "line 2"),
        ("[1]", "line 2: a JSON object is needed, not list"),
        ('{"id": 1}', "line 2: kind"),
        ('{"kind": "decode", "params_b": "many"}', "line 2: params_b"),
        ('{"kind": "decode", "params_b": NaN}', "line 2: NaN is not a number"),
    ],
)
def test_a_malformed_line_is_named_and_nothing_is_printed(second: str, complaint: str) -> None:
    found = estimate(json.dumps(ROW) + "\n" + second)

    assert found.exit_code == 2
    assert found.stdout == ""
    assert complaint in found.stderr


def test_a_case_is_told_with_its_memory_and_its_speed() -> None:
    answers = ["--answer", "model=llama-3.1-8b", "--answer", "device=rtx-4090"]
    found = CliRunner().invoke(main, ["estimate", *answers, "--answer", "users=8"])

    assert found.exit_code == 0, found.output
    assert "KV cache" in found.output
    assert "together" in found.output
    assert "tok/s in all" in found.output


@pytest.mark.parametrize("arguments", [[], ["--rows", "-", "--answer", "users=1"]])
def test_either_rows_or_answers_are_needed(arguments: list[str]) -> None:
    found = CliRunner().invoke(main, ["estimate", *arguments], input="")

    assert found.exit_code == 2
    assert "--rows" in found.stderr

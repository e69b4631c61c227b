from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from benchruns.host.commands import bench
from benchruns.host.document import ResultDocument
from tests.benchruns.host.instrument import mock

ALSO = ("--prompt-tokens", "8", "--output-tokens", "4", "--time-limit", "20")


def rigguide(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_it_measures_a_server_that_already_runs(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with mock(ttft_ms=10, itl_ms=2) as (_, address):
        found = rigguide(
            "bench", "--target", address, "--model", "mock", "--clients", "1,2",
            "--json", str(path), *ALSO,
        )  # fmt: skip
    assert found.exit_code == 0, found.output
    document = ResultDocument.model_validate_json(path.read_text())
    assert [point.clients for point in document.points] == [1, 2]
    assert document.model.id == "mock"
    assert document.plan.output_tokens == 4
    assert document.command.startswith(f"rigguide bench --target {address} --model mock")
    assert "tok/s per user" in found.stdout
    assert "[measuring 1/2]" in found.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_it_measures_a_model_that_its_server_names_by_a_path(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with mock(ttft_ms=1, itl_ms=1) as (engine, address):
        found = rigguide(
            "bench", "--target", address, "--model", "/srv/models/Llama 3.gguf",
            "--clients", "1", "--json", str(path), *ALSO,
        )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert engine.models == {"/srv/models/Llama 3.gguf"}
    document = ResultDocument.model_validate_json(path.read_text())
    assert (document.plan.model, document.model.id) == ("Llama-3.gguf", "Llama-3.gguf")
    assert document.model.name == "…/Llama 3.gguf"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say either --engine ID or --target URL."),
        (("--engine", "a", "--target", "b"), "Say either --engine ID or --target URL."),
        (("--target", "http://x"), "--target needs --model NAME"),
        (("--target", "http://me:pw@x", "--model", "m"), "holds a user name or password"),
        (("--target", "x:1", "--model", "m"), "'x:1' is not an address"),
        (("--engine", "llama.cpp", "--clients", "1,x"), "whole numbers above 0 with commas"),
        (("--engine", "llama.cpp", "--clients", "0"), "greater than or equal to 1"),
        (("--engine", "llama.cpp", "--output-tokens", "1"), "greater than or equal to 2"),
        (("--engine", "llama.cpp", "--variant", "fast"), "'as-shipped' or 'tuned'"),
        (("--engine", "llama.cpp", "--model", "gpt-9"), "There is no model 'gpt-9' in the cat"),
        (("--engine", "llama.cpp", "--quant", "Q9"), "'Q9' cannot be made yet; F16"),
        (("--engine", "llama.cpp", "--model", "no/such.gguf"), "is not a GGUF file"),
        (("--engine", "llama.cpp", "--model", "synthetic:none.json"), "none.json cannot be read"),
        (("--engine", "llama.cpp", "--json", "/no/such/folder/x"), "there is no folder"),
        (("--engine", "magic"), "There is no engine 'magic'. There are: llama-cpp-python, "),
    ],
)
def test_it_says_what_is_wrong_with_an_option(words: tuple[str, ...], sentence: str) -> None:
    found = rigguide("bench", *words)
    assert found.exit_code == 2, found.output
    assert sentence in found.stderr


def test_an_engine_that_is_not_there_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = rigguide("bench", "--engine", "ollama")
    assert found.exit_code == 1
    assert "Not measured: Ollama is not installed. Get it from" in found.stderr


def test_it_says_that_nobody_answers(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    found = rigguide(
        "bench", "--target", "http://127.0.0.1:9", "--model", "m", "--json", str(path), *ALSO
    )
    assert found.exit_code == 1
    assert "Not measured: Nobody answers at http://127.0.0.1:9." in found.stderr
    assert not path.exists()


def test_it_keeps_the_old_document_when_the_new_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")

    class Unwritable:
        def model_dump_json(self, **_: Any) -> str:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.write(path, Unwritable())  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from benchruns.host.cli import main; main()", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"it never said {text!r}")


def test_ctrl_c_cancels_cleanly(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with mock(ttft_ms=60_000) as (_, address):
        process = started(
            "bench", "--target", address, "--model", "mock", "--json", str(path), *ALSO
        )
        until(process, "[warming-up]")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Cancelled. Nothing was written." in errors
    assert list(tmp_path.iterdir()) == []


def test_a_key_goes_to_the_server_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, path = "sk-not-to-be-seen", tmp_path / "result.json"
    monkeypatch.setenv("MY_KEY", key)
    with mock(ttft_ms=5, itl_ms=1) as (engine, address):
        found = rigguide(
            "bench", "--target", address, "--model", "mock", "--clients", "1",
            "--api-key-env", "MY_KEY", "--json", str(path), *ALSO,
        )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert engine.keys == {f"Bearer {key}"}
    assert key not in path.read_text()
    command = ResultDocument.model_validate_json(path.read_text()).command
    assert f"--target {address} --model mock --api-key-env MY_KEY " in command
    assert key not in found.output + found.stderr


def test_a_key_that_is_not_set_is_no_key() -> None:
    found = rigguide(
        "bench",
        "--target",
        "http://127.0.0.1:9",
        "--model",
        "x",
        "--api-key-env",
        "NOT_SET",
    )
    assert "--api-key-env NOT_SET: that variable is not set, or empty" in found.output
    assert found.exit_code == 2


def test_a_key_is_for_a_server_that_is_named() -> None:
    found = rigguide("bench", "--engine", "llama.cpp", "--api-key-env", "HOME")
    assert "--api-key-env goes with --target" in found.output


def test_it_says_of_an_engines_provider_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGGUIDE_ENGINES_DIR", str(tmp_path))
    found = rigguide("bench", "--engine", "vllm", "--provider", "tpu", "--model", "qwen3-0.6b")
    assert "vLLM (tpu) is not installed" in found.output
    assert "there are: path, cuda, cpu, command" in found.output

"""Ollama's adapter against a strict stand-in of its HTTP API. No Ollama took part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.ollama import Ollama
from benchruns.host.adapters.ollama_api import Api
from benchruns.host.adapters.ollama_names import URL, name_elsewhere, name_of, tidy
from benchruns.host.adapters.process import free_port
from benchruns.host.errors import Cancelled, EngineFailed
from benchruns.host.measure import measure
from benchruns.host.weights import Synthetic
from tests.benchruns.host.instrument import TINY, Heard, never, plan

STAND_IN = Path(__file__).with_name("ollama_stand_in.py")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named ollama on PATH, and what it will be sent."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "ollama"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("STAND_IN_BOOK", str(tmp_path / "book"))
    monkeypatch.delenv("OLLAMA_NUM_PARALLEL", raising=False)
    monkeypatch.delenv(URL, raising=False)
    return tmp_path / "book"


def sent(book: Path, path: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in book.read_text().splitlines()]
    return [line["body"] for line in lines if line["path"] == path]


def tiny(where: Path) -> Synthetic:
    return Synthetic("tiny", "Tiny", TINY, "Q8_0", where)


def test_it_is_found_on_path_with_its_version(book: Path) -> None:
    found = Ollama().installed()
    assert (found.provider, found.version, found.startable) == ("ollama on PATH", "0.31.2", True)


def test_set_for_the_load_it_serves_as_many_at_once_as_there_are_clients(
    book: Path, tmp_path: Path
) -> None:
    wanted = plan(engine="ollama", clients=(1, 3), prompt_tokens=16, output_tokens=8)
    document = measure(
        wanted,
        report=Heard(),
        cancelled=never,
        work_dir=tmp_path / "work",
        weights=tiny(tmp_path),
        adapter=Ollama(),
    )
    assert document.engine.slots == 3
    assert document.engine.backend == "cpu"
    assert document.engine.version == "0.31.2"
    assert [point.summary.not_ok for point in document.points] == [0, 0]
    assert {s.output_tokens for p in document.points for s in p.samples} == {8}
    (served,) = sent(book, "serve")
    assert served["OLLAMA_NUM_PARALLEL"] == "3"
    (created,) = sent(book, "/api/create")
    assert created["model"] == "rigguide-tiny"
    assert created["parameters"] == {"num_ctx": 16 + 8 + 64}
    assert not {"ignore_eos", "min_tokens"} & set(sent(book, "/v1/completions")[0])


def test_as_shipped_its_slots_are_its_own_business(book: Path, tmp_path: Path) -> None:
    wanted = plan(engine="ollama", variant="as-shipped", clients=(1,), output_tokens=4)
    document = measure(
        wanted,
        report=Heard(),
        cancelled=never,
        work_dir=tmp_path / "work",
        weights=tiny(tmp_path),
        adapter=Ollama(),
    )
    assert "OLLAMA_NUM_PARALLEL" not in sent(book, "serve")[0]
    assert document.engine.slots == 1


def test_the_models_store_is_the_runs_own(book: Path, tmp_path: Path) -> None:
    launch = Launch(tmp_path, "tiny", 2, 100, 4711, tmp_path / "work")
    found = next(Ollama().here())
    env = Ollama().environment(found, launch)
    assert env["OLLAMA_MODELS"].startswith(str(tmp_path / "work"))
    assert env["OLLAMA_HOST"] == "127.0.0.1:4711"


@pytest.mark.parametrize(
    ("model", "name"),
    [("llama-3.2-1b", "rigguide-llama-3.2-1b"), ("Org/Model:7B", "rigguide-org-model-7b")],
)
def test_a_models_name_is_one_that_ollama_accepts(model: str, name: str) -> None:
    assert name_of(model) == name


@pytest.fixture
def elsewhere(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One that runs already, and is not ours."""
    port = free_port()
    env = {
        "OLLAMA_HOST": f"127.0.0.1:{port}",
        "OLLAMA_MODELS": str(tmp_path / "theirs"),
        "STAND_IN_BOOK": str(book),
    }
    server = subprocess.Popen([sys.executable, STAND_IN, "serve"], env=env)
    url = f"http://127.0.0.1:{port}"
    _until_it_answers(url)
    monkeypatch.setenv(URL, url)
    yield url
    server.kill()
    server.wait()


def _until_it_answers(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{url}/api/version", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the stand-in did not start")


def test_on_one_that_runs_already_only_the_model_is_made_and_removed(
    elsewhere: str, book: Path, tmp_path: Path
) -> None:
    wanted = plan(engine="ollama", variant="as-shipped", clients=(1,), output_tokens=4)
    document = measure(
        wanted,
        report=Heard(),
        cancelled=never,
        work_dir=tmp_path / "work",
        weights=tiny(tmp_path),
        adapter=Ollama(),
    )
    assert document.engine.provider == "a server that ran"
    assert document.command.startswith("rigguide bench --engine ollama --model tiny ")
    (created,) = sent(book, "/api/create")
    assert sent(book, "/api/delete") == [{"model": created["model"]}]
    assert created["model"].endswith(f"-{os.getpid()}-tiny")
    loading, unloading = sent(book, "/api/generate")
    assert 0 < loading["keep_alive"] <= wanted.time_limit_s
    assert unloading["keep_alive"] == 0
    assert loaded(elsewhere) == []
    assert httpx.get(f"{elsewhere}/api/version", trust_env=False).status_code == 200


def loaded(url: str) -> list[str]:
    told = httpx.get(f"{url}/api/ps", trust_env=False).json()
    return [model["name"] for model in told["models"]]


def put(url: str, name: str, tmp_path: Path) -> None:
    gguf = tmp_path / "m.gguf"
    gguf.write_bytes(b"GGUF")
    Api(url, lambda: None).create(name, gguf, 100)
    Api(url, lambda: None).load(name, 60)


def test_what_a_killed_process_left_there_is_removed_and_nothing_else(
    elsewhere: str, tmp_path: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    mine = name_elsewhere("tiny")
    left = mine.replace(f"-{os.getpid()}-", f"-{dead.pid}-")
    others = left.replace(left.split("-")[1], "0123abcd")
    for name in (mine, left, others, "llama3"):
        put(elsewhere, name, tmp_path)
    tidy()
    assert set(Api(elsewhere, lambda: None).names()) == {mine, others, "llama3"}
    assert f"{left}:latest" not in loaded(elsewhere)


def test_that_it_does_not_answer_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(URL, f"http://127.0.0.1:{free_port()}")
    tidy()
    assert "nobody looked for models left" in caplog.text


def test_loading_can_be_cancelled(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading would take ten minutes, and the plan's end would be no cancel."""
    monkeypatch.setenv("STAND_IN_LOAD_S", "600")
    wanted = plan(engine="ollama", clients=(1,), output_tokens=4)
    with pytest.raises(Cancelled):
        measure(
            wanted,
            report=Heard(),
            cancelled=lambda: bool(book.exists() and sent(book, "/api/generate")),
            work_dir=tmp_path / "work",
            weights=tiny(tmp_path),
            adapter=Ollama(),
        )


def test_slots_of_one_that_runs_already_cannot_be_set(elsewhere: str, tmp_path: Path) -> None:
    launch = Launch(tmp_path / "m.gguf", "tiny", 4, 100, 1, tmp_path)
    with pytest.raises(EngineFailed, match="measured as it is"):
        Ollama().start(launch, lambda: None)


def test_it_says_in_ollamas_own_words_why_a_model_was_not_made(
    elsewhere: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no such format")
    with pytest.raises(EngineFailed, match="supplied file was not in GGUF format"):
        Api(elsewhere, lambda: None).create("x", bad, 100)

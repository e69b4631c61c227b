"""What a host offers to its site: only what it can start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchruns.host.cli import main
from benchruns.host.inventory import take_stock


@pytest.fixture
def ollama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that name, all there is on PATH."""
    path = tmp_path / "ollama"
    path.write_text("#!/bin/sh\necho 'ollama version is 0.31.2'\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RIGGUIDE_ENGINES_DIR", str(tmp_path / "engines"))


@pytest.mark.usefixtures("ollama")
def test_it_offers_what_it_can_start_and_says_of_the_rest_how_to_get_it() -> None:
    stock = take_stock()
    told = {engine.id: engine for engine in stock.engines}
    assert (told["ollama"].provider, told["ollama"].version) == ("ollama on PATH", "0.31.2")
    assert stock.can_start == ("llama.cpp", "ollama")
    assert told["vllm"].provider is None
    assert told["vllm"].detail == "Install it here: rigguide engines install vllm"


@pytest.mark.usefixtures("ollama")
def test_probe_shows_what_is_here_and_what_is_not() -> None:
    shown = CliRunner().invoke(main, ["probe"]).output
    assert "Ollama                     ollama on PATH 0.31.2\n" in shown
    assert "vLLM                       not installed. Install it here" in shown

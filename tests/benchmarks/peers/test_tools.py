from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers import tools
from benchruns.host.errors import EngineFailed
from benchruns.host.install.offers import Offer


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which nothing is installed."""
    monkeypatch.setenv("RIGGUIDE_ENGINES_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_what_is_not_here_is_said_to_be_missing(bare: Path) -> None:
    found = tools.find(may_install=False)
    assert "guidellm" in found.missing()
    assert "llama_bench" in found.missing()
    assert list(bare.iterdir()) == []


def test_what_cannot_be_installed_is_told_and_the_rest_goes_on(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(offer: Offer, **_: object) -> None:
        raise EngineFailed(f"{offer.name} cannot be reached.")

    monkeypatch.setattr(tools, "install", refuse)
    assert tools.find(may_install=True).missing()
    assert "not installed: GuideLLM cannot be reached." in capsys.readouterr().err


def test_it_finds_programs_on_path(bare: Path) -> None:
    program = bare / "llama-bench"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert tools.find(may_install=False).llama_bench == program

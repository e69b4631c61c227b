"""How the command ends: well only where something was compared and agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.peers import __main__ as command
from benchmarks.peers import tools
from benchmarks.peers.figures import Figures

NOBODY = tools.Tools(None, None, None, None, None)


def ended(monkeypatch: pytest.MonkeyPatch, folder: Path, **told: dict[str, float]) -> Result:
    """`told`: of each scenario what every tool said."""
    scenarios: dict[str, Any] = {
        name: (lambda *_, said=said: [_figures(*one) for one in said.items()], {})
        for name, said in told.items()
    }
    monkeypatch.setattr(command, "ALL", scenarios)
    monkeypatch.setattr(tools, "find", lambda **_: NOBODY)
    out = ["--only", ",".join(told), "--json", str(folder / "peers.json")]
    return CliRunner().invoke(command.main, out)


def _figures(tool: str, value: float) -> Figures:
    return Figures(tool, 1, 4, {"output_tok_s": value})


def test_it_ends_well_where_they_agree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    agreed = {"RigGuide": 100.0, "vllm bench serve": 101.0}
    assert ended(monkeypatch, tmp_path, mock=agreed).exit_code == 0


def test_it_does_not_where_they_are_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apart = {"RigGuide": 100.0, "vllm bench serve": 150.0}
    assert ended(monkeypatch, tmp_path, mock=apart).exit_code == 1


@pytest.mark.parametrize("alone", [{}, {"RigGuide": 100.0}, {"RigGuide": 100.0, "GuideLLM": 100.0}])
def test_nor_where_a_scenario_compared_it_with_nothing_it_shall_agree_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, alone: dict[str, float]
) -> None:
    agreed = {"RigGuide": 100.0, "vllm bench serve": 101.0}
    result = ended(monkeypatch, tmp_path, mock=agreed, server=alone)
    assert result.exit_code == 1
    assert "server: nothing was compared with llama-batched-bench" in result.output
    assert "mock: nothing" not in result.output

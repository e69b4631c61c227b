from __future__ import annotations

import json

from click.testing import CliRunner

from benchruns.host.cli import main
from benchruns.host.document import HostFacts


def test_it_tells_the_machine_and_its_engines() -> None:
    found = CliRunner().invoke(main, ["probe"])
    assert found.exit_code == 0, found.output
    assert "Processor" in found.output
    assert "llama.cpp" in found.output
    assert "TGI                        not installed. " in found.output


def test_it_tells_the_same_as_json() -> None:
    found = CliRunner().invoke(main, ["probe", "--json"])
    told = json.loads(found.stdout)
    assert HostFacts.model_validate(told["facts"]).cores_logical >= 1
    assert {engine["id"] for engine in told["engines"]} >= {"llama.cpp", "ollama", "vllm"}

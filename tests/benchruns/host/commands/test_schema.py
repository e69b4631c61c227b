from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from benchruns.host.cli import main
from benchruns.host.document import SCHEMA_VERSION


def printed(*words: str) -> dict[str, Any]:
    found = CliRunner().invoke(main, ["schema", *words])
    assert found.exit_code == 0, found.output
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def test_it_prints_the_schema_of_a_result_document() -> None:
    schema = printed()
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert {"points", "open_points", "goodput", "in_process"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_it_prints_the_schema_of_a_plan() -> None:
    assert {"clients", "rates_per_s", "goodput"} <= set(printed("plan")["properties"])


@pytest.mark.parametrize("which", ["result", "plan"])
def test_every_reference_leads_somewhere(which: str) -> None:
    schema = printed(which)
    text = json.dumps(schema)
    for name in {part.split('"')[0] for part in text.split("#/$defs/")[1:]}:
        assert name in schema["$defs"]

"""Container and service files are read by the parser of whoever will read them."""

from __future__ import annotations

import json
import plistlib
from importlib.resources import files as resources
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from benchruns.attaching import files
from benchruns.attaching.wheel import Wheel

SITE = "https://guide.example.org"
WHEEL = Wheel(Path("rigguide-0.1.0-py3-none-any.whl"), "ab" * 32)
KEYWORDS = {"FROM", "RUN", "ADD", "USER", "ENV", "VOLUME", "CMD"}


def made(name: str) -> str:
    offered = files.named(name)
    assert offered is not None
    return offered.make(SITE, WHEEL)


@pytest.mark.parametrize("name", ["compose.yaml", "compose.nvidia.yaml"])
def test_every_compose_file_is_one(name: str) -> None:
    vendor = resources("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = Draft202012Validator(json.loads((vendor / "compose-spec.json").read_text()))
    document = yaml.safe_load(made(name))
    assert [error.message for error in schema.iter_errors(document)] == []
    host = document["services"]["host"]
    assert host["environment"]["RIGGUIDE_CODE"] == "${RIGGUIDE_CODE:-}"
    assert host["volumes"] == ["data:/data"]


def test_only_the_one_for_gpus_asks_for_one() -> None:
    plain, nvidia = (
        yaml.safe_load(made(name))["services"]["host"]
        for name in ("compose.yaml", "compose.nvidia.yaml")
    )
    assert "deploy" not in plain
    [device] = nvidia["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]


def instructions(text: str) -> list[str]:
    """Of a Dockerfile, continued lines in one."""
    lines = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    return [line for line in lines.replace("\\\n", " ").splitlines() if line.strip()]


def test_the_image_is_built_from_this_site_s_package_and_runs_as_nobody_special() -> None:
    found = instructions(made("Dockerfile"))
    assert {line.split()[0] for line in found} == KEYWORDS
    assert found[0].startswith("FROM python:3.")
    [package] = [line for line in found if line.startswith("ADD --checksum")]
    assert package.split()[1:3] == [f"--checksum=sha256:{'ab' * 32}", f"{SITE}/host/{WHEEL.name}"]
    assert "--require-hashes" in made("Dockerfile")
    order = [line.split()[0] for line in found]
    assert order.index("USER") < order.index("CMD")
    assert json.loads(found[-1].removeprefix("CMD "))[:2] == ["sh", "-c"]


def test_the_property_list_is_one() -> None:
    job = plistlib.loads(made("org.rigguide.host.plist").encode())
    assert job["ProgramArguments"][:2] == ["/bin/sh", "-c"]
    assert ".local/share/rigguide/venv/bin/rigguide" in job["ProgramArguments"][2]


def test_the_unit_starts_what_the_script_installed() -> None:
    assert "ExecStart=%h/.local/share/rigguide/venv/bin/rigguide host" in made(
        "rigguide-host.service"
    )


def test_there_is_no_other_file() -> None:
    assert files.named("../secret_key") is None

"""Units are read by the parser of whoever will read them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchruns.host.service import systemd

AWKWARD = ("/opt/my rigs/bin/rigguide", "host", "--home", '/srv/50% "off"/$HOME', "--site", "a;b")


def verified(text: str, tmp_path: Path, *, user: bool) -> str:
    """What systemd has against it."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    unit = tmp_path / systemd.NAME
    unit.write_text(re.sub(r'^(ExecStart=)("[^"]*"|\S+)', r"\1/bin/true", text, flags=re.MULTILINE))
    how = [analyze, *(["--user"] if user else []), "verify", unit]
    done = subprocess.run(how, capture_output=True, text=True, check=False)
    return "\n".join(line for line in done.stderr.splitlines() if systemd.NAME in line)


@pytest.mark.parametrize("user", [None, "alice"])
def test_systemd_understands_the_unit(user: str | None, tmp_path: Path) -> None:
    owner = "root" if user else None  # one that every machine has
    assert verified(systemd.unit(AWKWARD, user=owner), tmp_path, user=user is None) == ""
    assert verified(systemd.text(systemd.OF_HOME), tmp_path, user=True) == ""


def test_a_refused_machine_is_not_started_again_and_again() -> None:
    told = configparser.RawConfigParser(strict=False)
    told.optionxform = str  # type: ignore[assignment]
    told.read_string(systemd.unit(("rigguide", "host")))
    assert told["Service"]["RestartPreventExitStatus"] == "76 77"
    assert told["Service"]["Restart"] == "always"
    assert "User" not in told["Service"]


def test_signs_of_systemd_s_own_are_said_as_themselves() -> None:
    [start] = [line for line in systemd.unit(AWKWARD).splitlines() if line.startswith("ExecStart")]
    assert start == (
        'ExecStart="/opt/my rigs/bin/rigguide" host --home "/srv/50%% \\"off\\"/$$HOME" '
        '--site "a;b"'
    )

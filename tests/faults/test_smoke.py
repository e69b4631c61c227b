"""The fault suite in small, on SQLite: each of the kills once, a site restarted, ten runs.

`make test-faults` is the whole of it, with networks, disks, clocks and PostgreSQL.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
STORY = """
import sys
from tests.faults import one
sys.exit(bool(one.tell("sqlite", 10, 3, 1, print, one.KILLS)))
"""


def test_ten_runs_come_to_their_end_whatever_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "runs            10 in" in done.stdout
    assert "WRONG" not in done.stdout

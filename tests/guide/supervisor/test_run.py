"""One supervisor: whatever ends it, or a part of it, ends all of it."""

from __future__ import annotations

import signal
import socket
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.support import RigGuide, eventually, running, start

pytestmark = pytest.mark.processes


def _gone(family: list[psutil.Process]) -> bool:
    return not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _family(rig: RigGuide) -> list[psutil.Process]:
    family = rig.family()
    assert len(family) >= 5  # broker, site, worker, beat, host
    return family


def test_it_serves_and_ends_on_sigterm_leaving_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        with urllib.request.urlopen(rig.address, timeout=10) as page:
            assert page.status == 200
        family = _family(rig)
        assert rig.end(signal.SIGTERM) == 0
        assert _gone(family)


def test_it_starts_again_on_the_same_data(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        assert "attaching this machine" in first.said()
    with running(tmp_path) as second:
        assert "attaching this machine" not in second.said()
        assert "applying" not in second.said()


def test_a_part_that_crashes_ends_all_of_it_and_is_named(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        family = _family(rig)
        rig.part("uvicorn").kill()
        assert rig.process.wait(30) == 1
        assert _gone(family)
        assert "the site ended by itself with status -9" in rig.said()


def test_killing_the_supervisor_outright_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        family = _family(rig)
        rig.process.kill()
        rig.process.wait(10)
        eventually(lambda: _gone(family), within_s=10)


def test_a_port_in_use_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        rig = start(tmp_path, port=other.getsockname()[1])
        assert rig.process.wait(20) == 1
    assert "is in use by another program" in rig.said()
    assert "Traceback" not in rig.said()

"""What the end of a part means for the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchruns.host.exits import EXIT_REFUSED
from guide.supervisor.parts import Part
from guide.supervisor.run import Supervisor
from guide.supervisor.say import Stop


def ended(tmp_path: Path, name: str, status: int) -> Supervisor:
    """A supervisor whose one part has ended like that."""
    supervisor = Supervisor(tmp_path, 1)
    part = Part(name, (sys.executable, "-S", "-c", f"raise SystemExit({status})"))
    process = supervisor.start(part)
    assert process.wait(60)
    return supervisor


def test_a_part_that_ends_by_itself_ends_everything(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="the worker ended by itself with status 3"):
        ended(tmp_path, "worker", 3)._raise_if_ended()


@pytest.mark.parametrize(("name", "status"), [("host", 1), ("site", EXIT_REFUSED)])
def test_so_does_a_fault_of_this_machine_s_worker(name: str, status: int, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        ended(tmp_path, name, status)._raise_if_ended()


def test_the_site_goes_on_when_its_own_machine_was_detached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = ended(tmp_path, "host", EXIT_REFUSED)
    supervisor._raise_if_ended()
    assert supervisor.processes == []
    assert "this machine was detached" in capsys.readouterr().out

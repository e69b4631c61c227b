"""Who used the processor: we, the engine, or somebody else."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections import namedtuple
from time import sleep

import psutil
import pytest

from benchruns.host.conditions import CpuWatch

Times = namedtuple("Times", "user idle")
_BURN = "from time import process_time\nwhile process_time() < 0.4: pass"


def only_us() -> Times:
    """A machine on which nobody runs but this process and what it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Times(sum(u.ru_utime + u.ru_stime for u in used), 0.0)


def test_a_child_that_has_ended_was_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine's helpers come and go; what they used is no competing load."""
    monkeypatch.setattr(psutil, "cpu_times", only_us)
    watch = CpuWatch(None)
    subprocess.run([sys.executable, "-c", _BURN], check=True)
    sleep(0.2)
    others = watch.percent_others()
    assert others is not None
    assert others <= 5

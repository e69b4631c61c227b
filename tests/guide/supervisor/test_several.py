"""Several site processes on one port: they answer as one, and none outlives the supervisor."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil
import pytest

from tests.support import RigGuide, eventually, running

pytestmark = pytest.mark.processes


def sites(rig: RigGuide) -> list[psutil.Process]:
    """The one that holds the port, and those that answer."""
    (first,) = [p for p in rig.family() if "uvicorn" in " ".join(p.cmdline())]
    return [first, *first.children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_they_count_together_and_end_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PROCESSES", "2")
    with running(tmp_path) as rig:
        assert len(sites(rig)) >= 3
        for _ in range(20):
            assert httpx.get(f"{rig.address}/hosts/", trust_env=False).status_code == 200
        metrics = httpx.get(f"{rig.address}/metrics", trust_env=False).text
        assert 'rigguide_request_seconds_count{method="GET",status="2xx",view="hosts"} 20.0' in (
            metrics
        )
        family = rig.family()
        rig.process.kill()
        rig.process.wait(10)
        eventually(lambda: gone(family), within_s=10)

"""`kill -9` at random moments of a whole measurement: no engine is left, no half-written result."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchruns.host.credentials import Home
from benchruns.host.document import ResultDocument
from tests.benchruns.host.stub_site import LIMIT_S, StubRun, StubSite, until
from tests.benchruns.host.test_worker import Host

pytestmark = pytest.mark.processes

KILLS = 10


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite(lease_s=1.0) as stub:
        yield stub


@pytest.fixture
def host(site: StubSite, tmp_path: Path) -> Iterator[Host]:
    home = Home(tmp_path / "home")
    home.save(site.credential)
    machine = Host(home)
    yield machine
    machine.end()
    print(machine.said())


def engines(host: Host) -> list[psutil.Process]:
    """Whatever works in a run's folder, and the guards of such."""
    return [process for process in psutil.process_iter() if _below(process, host.home.work_dir)]


def _below(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def results(host: Host) -> list[ResultDocument]:
    """Each of them whole, or this fails."""
    kept = host.home.results_dir.glob("*.json")
    return [ResultDocument.model_validate_json(path.read_text()) for path in kept]


def measured_in_s(site: StubSite, host: Host) -> float:
    """How long an undisturbed measurement takes on this machine, from claim to result."""
    run = site.queue("undisturbed")
    host.start("mock_engine")
    site.until(lambda: run.state == "claimed", "the claim")
    began = time.monotonic()
    ends(run)
    host.end()
    return time.monotonic() - began


def ends(run: StubRun) -> None:
    deadline = time.monotonic() + 4 * LIMIT_S
    while run.state != "done":
        assert run.state != "failed", run.reason
        assert time.monotonic() < deadline, f"not measured in time: {run.state}"
        time.sleep(0.1)


def test_ten_kills_at_random_moments_leave_nothing_and_the_run_is_measured_in_the_end(
    site: StubSite, host: Host
) -> None:
    seed = random.randrange(10**6)
    chance, whole_s = random.Random(seed), measured_in_s(site, host)
    run, engine_ran = site.queue(), 0
    for kill in range(KILLS):
        if run.state == "done":
            run = site.queue(f"after-{kill}")
        attempt = run.attempt
        host.start("mock_engine")
        site.until(lambda run=run, before=attempt: run.attempt > before, "the claim")
        time.sleep(chance.uniform(0.0, whole_s))
        engine_ran += bool(engines(host))
        host.end()
        until(lambda: not engines(host), f"the engine to be gone (seed {seed}, kill {kill})")
        results(host)
    assert engine_ran, f"no engine ran at any of the kills (seed {seed})"
    host.start("mock_engine")
    ends(run)
    assert ResultDocument.model_validate(run.document).points
    until(lambda: results(host) == [], f"the kept results to be let go (seed {seed})")

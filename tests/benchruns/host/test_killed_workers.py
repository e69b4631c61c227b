"""`kill -9` at ten moments of a whole measurement: no engine is left, no half-written result.

The moments are held, so that each is met on any machine. At random moments, and of everything else
that runs, `make test-faults` kills.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchruns.host.credentials import Home
from benchruns.host.document import ResultDocument
from tests.benchruns.host.stub_site import LIMIT_S, StubRun, StubSite, until
from tests.benchruns.host.test_worker import Host

pytestmark = pytest.mark.processes

# moment -> whether an engine runs then
MOMENTS = {
    "claimed": False,
    "weights": False,
    "before the engine": False,
    "not ready": True,
    "warming-up": True,
    "measuring 1": True,
    "measuring 2": True,
    "stopping": True,
    "measured": False,
    "half kept": False,
}
LOAD = {"clients": [1, 2], "prompt_tokens": 16, "output_tokens": 8}


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite(lease_s=600.0) as stub:
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


def held_at(moment: str, host: Host) -> None:
    """Until a worker that was started anew stands still there."""
    held = host.home.path / "held"
    held.unlink(missing_ok=True)
    (host.home.path / "hold").write_text(moment)
    host.start("held")
    until(held.exists, f"the moment {moment!r}")


def killed(site: StubSite, host: Host, run: StubRun) -> None:
    """The worker alone is killed; what it had started ends with it, and the lease runs out."""
    family = host.process.children(recursive=True)
    host.end()
    _, alive = psutil.wait_procs(family, timeout=LIMIT_S)
    assert alive == []
    with site.changed:
        run.lease_until = 0.0
        site.changed.notify_all()


def test_killed_at_any_moment_it_leaves_nothing_and_the_run_is_measured_in_the_end(
    site: StubSite, host: Host
) -> None:
    run = site.queue(**LOAD)
    for moment, runs in MOMENTS.items():
        held_at(moment, host)
        assert bool(engines(host)) == runs, moment
        killed(site, host, run)
        until(lambda: not engines(host), f"the engine to be gone, killed when {moment}")
        assert results(host) == []
    assert run.attempt == len(MOMENTS)

    held_at_no_more(host)
    site.until(lambda: run.state == "done", "the result")
    document = ResultDocument.model_validate(run.document)
    assert [point.clients for point in document.points] == LOAD["clients"]
    until(lambda: list(host.home.results_dir.iterdir()) == [], "nothing to be kept")


def held_at_no_more(host: Host) -> None:
    (host.home.path / "hold").unlink()
    host.start("held")


def test_killed_when_nobody_knows_whether_the_result_arrived_it_is_told_once(
    site: StubSite, host: Host
) -> None:
    site.lose_replies.add("result")
    run = site.queue(**LOAD)
    host.start("held")
    site.until(lambda: run.state == "done", "the result")
    killed(site, host, run)
    (kept,) = results(host)
    assert kept.run_id == run.id

    site.lose_replies.clear()
    host.start("held")
    until(lambda: results(host) == [], "the kept result to be told and let go")
    assert run.results == 1

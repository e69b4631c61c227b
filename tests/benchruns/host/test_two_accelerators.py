"""A real `rigguide host` on a machine whose probe finds two GPUs, against a stub site."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchruns.host.credentials import Home
from tests.benchruns.host.stub_site import LIMIT_S, StubSite

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[3]
START = """
from functools import partial
import sys
from benchruns.host import worker
from benchruns.host.cli import main
from benchruns.host.commands import host
from benchruns.host.document import Accelerator
from benchruns.host.inventory import Inventory
from tests.benchruns.host.fake_measures import FACTS

gpu = Accelerator(name="NVIDIA H200", vendor="nvidia", memory_gib=141.0)
facts = FACTS.model_copy(update={"accelerators": (gpu, gpu)})
host.take_stock = lambda: Inventory(facts, (), ("mock",))
measure = "tests.benchruns.host.seen_by_engines:sees"
worker.run_worker = partial(worker.run_worker, measure=measure)
main(["host", "--home", sys.argv[1]])
"""


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture
def host(site: StubSite, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    Home(tmp_path).save(site.credential)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path)], cwd=ROOT, stdout=log, stderr=log
        )
    family = []
    try:
        yield process
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(LIMIT_S)
        _, alive = psutil.wait_procs(family, timeout=LIMIT_S)
        for left in alive:
            left.kill()
        print((tmp_path / "log").read_text())


def test_both_measure_at_a_time_and_each_engine_sees_its_own(
    site: StubSite, host: subprocess.Popen[bytes]
) -> None:
    first, second, third = (site.queue(f"run-{number}") for number in range(3))
    site.until(lambda: first.events and second.events, "two runs at a time")

    seen = {run.events[0]["message"] for run in (first, second)}
    assert seen == {"GPU 0", "GPU 1"}
    assert third.state == "queued"
    assert {(claim["slot"], claim["slots"]) for claim in site.claims} == {(0, 2), (1, 2)}

    first.cancel = True
    site.until(lambda: third.events, "the third run, where the first one was")
    assert third.events[0]["message"] == first.events[0]["message"]


def test_the_machine_is_told_whole_and_once(site: StubSite, host: subprocess.Popen[bytes]) -> None:
    site.until(lambda: {claim["slot"] for claim in site.claims} == {0, 1}, "both slots")
    [told] = site.facts
    assert [card["name"] for card in told["facts"]["accelerators"]] == ["NVIDIA H200"] * 2


def test_asked_to_end_all_runs_go_back(site: StubSite, host: subprocess.Popen[bytes]) -> None:
    runs = [site.queue(f"run-{number}") for number in range(2)]
    site.until(lambda: all(run.events for run in runs), "two runs at a time")

    host.send_signal(signal.SIGTERM)

    site.until(lambda: all(run.state == "queued" for run in runs), "both runs to go back")
    assert host.wait(LIMIT_S) == 0


def test_a_revoked_machine_ends_whole(site: StubSite, host: subprocess.Popen[bytes]) -> None:
    site.until(lambda: {claim["slot"] for claim in site.claims} == {0, 1}, "both slots")
    site.revoked = True
    assert host.wait(LIMIT_S) == 77

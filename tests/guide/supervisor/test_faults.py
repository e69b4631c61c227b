"""The host's worker is killed in the middle of a real run: it never stays "running"."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support import RigGuide, eventually, running

pytestmark = [pytest.mark.processes, pytest.mark.engine]

FORM = {"engine": "llama.cpp", "model": "smollm2-135m", "quant": "Q4_0"}
ENGINE = "xllamacpp_server"


class Visitor:
    """Somebody with a browser: keeps cookies, sends forms."""

    def __init__(self, rig: RigGuide) -> None:
        self.http = httpx.Client(base_url=rig.address, follow_redirects=True, timeout=20)
        page = self.http.get("/recipe/?hardware=cpu&users=2").raise_for_status().text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        self.token = found[1]

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def asks_for_a_run(self) -> str:
        form = FORM | {"answers": "hardware=cpu", "csrfmiddlewaretoken": self.token}
        return str(self.http.post("/runs/", data=form).raise_for_status().url.path)

    def cancels(self, run: str) -> None:
        form = {"csrfmiddlewaretoken": self.token}
        self.http.post(f"{run}cancel", data=form).raise_for_status()

    def sees(self, run: str, words: str) -> bool:
        return words in self.http.get(run).raise_for_status().text


def _engines(rig: RigGuide) -> list[psutil.Process]:
    return [p for p in rig.family() if ENGINE in " ".join(p.cmdline())]


def _gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def _in_the_middle(rig: RigGuide) -> list[psutil.Process]:
    eventually(lambda: _engines(rig), within_s=60)
    return _engines(rig)


def test_the_process_that_measures_is_killed_and_the_run_fails_in_plain_words(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as rig, Visitor(rig) as visitor:
        run = visitor.asks_for_a_run()
        engines = _in_the_middle(rig)

        worker = rig.part(r"rigguide host")
        for child in worker.children():
            if ENGINE not in " ".join(child.cmdline()):
                child.send_signal(signal.SIGKILL)

        eventually(lambda: visitor.sees(run, "failed"), within_s=20)
        eventually(lambda: _gone(engines), within_s=10)
        assert not visitor.sees(run, "<progress")  # it says so and has stopped waiting


def test_the_whole_worker_is_killed_and_the_run_is_taken_up_again(tmp_path: Path) -> None:
    with running(tmp_path) as rig:
        with Visitor(rig) as visitor:
            run = visitor.asks_for_a_run()
        engines = _in_the_middle(rig)
        rig.part(r"rigguide host").send_signal(signal.SIGKILL)
        assert rig.process.wait(30) == 1  # a part that crashes ends all of it
        eventually(lambda: _gone(engines), within_s=10)

    with running(tmp_path) as again, Visitor(again) as visitor:
        _in_the_middle(again)  # redone, once its lease has ended
        visitor.cancels(run)
        eventually(lambda: visitor.sees(run, "cancelled"), within_s=10)
        eventually(lambda: not _engines(again), within_s=10)

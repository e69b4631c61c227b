"""One run, executed without Celery: what is measured, what is told, what is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchruns.host import execute as module
from benchruns.host.board import Board, Stage, Why
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled
from benchruns.host.execute import Done, Ending, Failed, Measure, Stopped, execute
from benchruns.host.plan import Plan
from benchruns.host.progress import IsCancelled, Report
from benchruns.host.site_client import Claimed, SiteClient
from tests.benchruns.host import fake_measures
from tests.benchruns.host.stub_site import LIMIT_S, StubRun, StubSite


@dataclass
class Bench:
    """A site with one run on it, and this machine, which has claimed it."""

    site: StubSite
    client: SiteClient
    board: Board
    folder: Path
    run: StubRun
    claimed: Claimed

    def execute(self, measure: Measure) -> Ending:
        return execute(
            self.claimed,
            self.client,
            self.board,
            measure=measure,
            work_dir=self.folder / "work",
            results_dir=self.folder,
        )

    def kept(self) -> list[str]:
        return [path.name for path in self.folder.glob("*.json")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with StubSite(lease_s=60) as site, SiteClient.of(site.credential) as client:
        run = site.queue()
        claimed = client.claim(["mock"], wait_s=1)
        assert claimed is not None
        board = Board(tmp_path / "board")
        yield Bench(site, client, board, tmp_path, run, claimed)
        board.close()


def waiting(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """Measures until it is asked to stop."""
    report(fake_measures.news("at it"))
    pause = threading.Event()
    while not cancelled():
        pause.wait(0.01)
    raise Cancelled


def test_a_result_is_delivered_and_not_kept(bench: Bench) -> None:
    ending = bench.execute(fake_measures.quick)

    assert isinstance(ending, Done)
    assert bench.run.state == "done"
    assert bench.run.document == ending.document.model_dump(mode="json")
    assert [event["message"] for event in bench.run.events] == ["half-way"]
    assert bench.kept() == []
    assert bench.board.stage is Stage.SETTLED


def test_an_engine_that_fails_is_told_with_its_log(bench: Bench) -> None:
    ending = bench.execute(fake_measures.engine_fails)

    assert ending == Failed("The engine did not start.", "no such model")
    assert (bench.run.state, bench.run.log) == ("failed", "no such model")


def test_a_fault_is_told_with_its_traceback(bench: Bench) -> None:
    bench.execute(fake_measures.faulty)

    assert "ZeroDivisionError" in bench.run.reason
    assert "fake_measures.py" in bench.run.log


def test_a_plan_from_another_age_is_not_tried(bench: Bench) -> None:
    bench.claimed.plan["shell"] = "rm"

    ending = bench.execute(fake_measures.quick)

    assert isinstance(ending, Failed)
    assert "shell: Extra inputs are not permitted" in bench.run.reason


def test_the_answer_to_an_event_cancels(bench: Bench) -> None:
    bench.run.cancel = True

    ending = bench.execute(waiting)

    assert ending == Stopped(Why.CANCELLED)
    assert bench.run.state == "cancelled"


def test_a_run_that_is_lost_is_stopped_in_silence(bench: Bench) -> None:
    bench.run.state = "expired"

    ending = bench.execute(waiting)

    assert ending == Stopped(Why.LOST)
    assert bench.site.calls == ["claim", "events"]


def test_a_worker_that_ends_hands_its_run_back(bench: Bench) -> None:
    bench.board.stop(Why.CLOSING)

    ending = bench.execute(waiting)

    assert ending == Stopped(Why.CLOSING)
    assert bench.run.state == "queued"


def test_an_outage_does_not_hold_up_the_measurement(bench: Bench) -> None:
    """All news is told in order once the site is back."""
    bench.site.silent = True

    def through_an_outage(
        plan: Plan,
        *,
        report: Report,
        cancelled: IsCancelled,
        work_dir: Path,
        run_id: str | None = None,
    ) -> ResultDocument:
        for number in range(5):
            report(fake_measures.news(str(number)))
        bench.site.until(lambda: "events" in bench.site.calls, "news that is not heard")
        bench.site.silent = False
        bench.site.until(lambda: len(bench.run.events) == 5, "the news told again")
        return fake_measures.document(plan, run_id)

    bench.execute(through_an_outage)

    assert [event["message"] for event in bench.run.events] == ["0", "1", "2", "3", "4"]


def test_a_result_is_told_until_the_site_hears_it(bench: Bench) -> None:
    bench.site.lose_replies.add("result")
    teller = threading.Thread(target=bench.execute, args=(fake_measures.quick,))
    teller.start()
    bench.site.until(lambda: bench.site.count("result") >= 2, "the second try")

    bench.site.lose_replies.clear()
    teller.join(LIMIT_S)

    assert not teller.is_alive()
    assert bench.run.results == 1
    assert bench.kept() == []


@pytest.mark.parametrize("status", [413, 422])
def test_a_result_the_site_does_not_take_fails_the_run_and_is_kept(
    bench: Bench, status: int
) -> None:
    bench.site.refusals["result"] = (status, {"error": "It contradicts itself."})

    bench.execute(fake_measures.quick)

    assert bench.run.reason == "The site does not take the result: It contradicts itself."
    assert bench.kept() == ["run-1-1.json"]


@pytest.mark.parametrize("refusal", [(409, {"error": "too late"}), (401, {"error": "revoked"})])
def test_a_result_that_came_too_late_is_kept(bench: Bench, refusal: Any) -> None:
    bench.site.refusals["result"] = refusal

    bench.execute(fake_measures.quick)

    assert bench.kept() == ["run-1-1.json"]
    kept = ResultDocument.model_validate_json((bench.folder / "run-1-1.json").read_text())
    assert kept.run_id == "run-1"
    assert "failure" not in bench.site.calls


def test_a_result_that_cannot_be_delivered_for_long_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESULT_LIMIT_S", 0.0)
    bench.site.silent = True

    bench.execute(fake_measures.quick)

    assert bench.kept() == ["run-1-1.json"]


def test_a_plan_beyond_the_owners_limits_fails_before_anything_starts(bench: Bench) -> None:
    bench.claimed.plan["time_limit_s"] = 3600
    ending = bench.execute(fake_measures.kills_itself)

    assert isinstance(ending, Failed)
    assert bench.run.reason == (
        "This machine's owner lets it measure for 30 minutes at most; this was given 60."
    )

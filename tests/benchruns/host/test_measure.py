"""The whole measurement, with an engine whose truth is known and whose process is real."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from benchruns.host.adapters.endpoint import connect
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled, CannotMeasure, EngineFailed
from benchruns.host.measure import measure, measure_endpoint
from benchruns.host.progress import Progress
from tests.benchruns.host.instrument import Heard, MockAdapter, NoWeights, mock, never, plan


def test_it_measures_every_point_and_says_how(tmp_path: Path) -> None:
    heard, adapter = Heard(), MockAdapter(("--ttft-ms", "30", "--itl-ms", "5"))
    document = measure(
        plan(),
        report=heard,
        cancelled=never,
        work_dir=tmp_path,
        run_id="r1",
        weights=NoWeights(),
        adapter=adapter,
    )
    assert [point.clients for point in document.points] == [1, 2]
    assert all(point.summary.not_ok == 0 for point in document.points)
    assert document.run_id == "r1"
    assert document.model.synthetic
    assert document.conditions.cpu_percent_others_during is not None
    assert document.command.startswith("rigguide bench --engine mock --model tiny --quant Q8_0")
    assert ResultDocument.model_validate_json(document.model_dump_json()) == document
    assert heard.phases == ["preparing", "starting", "warming-up", "measuring", "finishing"]
    assert not psutil.pid_exists(adapter.started[0].server.pid)


def test_it_shows_the_rate_while_it_measures(tmp_path: Path) -> None:
    heard = Heard()
    options = ("--ttft-ms", "10", "--itl-ms", "100")
    run(MockAdapter(options), tmp_path, heard, requests_per_client=1)
    live = [p for p in heard.news if p.tok_s is not None]
    assert live
    assert {p.points for p in live} == {2}
    assert all(0.3 < p.fraction < 1 for p in live)


def run(
    adapter: MockAdapter, work_dir: Path, report: object = None, **changes: object
) -> ResultDocument:
    heard = report if isinstance(report, Heard) else Heard()
    return measure(
        plan(**changes),
        report=heard,
        cancelled=never,
        work_dir=work_dir,
        weights=NoWeights(),
        adapter=adapter,
    )


def test_it_says_that_an_engine_is_not_installed(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=r"Mock is not installed\. It cannot be had\."):
        run(MockAdapter(provider=None), tmp_path)


def test_it_says_why_an_engine_did_not_start(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=r"ended while starting \(exit status 2\)") as caught:
        run(MockAdapter(("--slots", "none")), tmp_path)
    assert "'none' is not a valid integer" in caught.value.log


def test_it_says_that_an_engine_died_in_the_middle(tmp_path: Path) -> None:
    adapter = MockAdapter(("--itl-ms", "200"))

    class KillWhenMeasuring(Heard):
        def __call__(self, progress: Progress) -> None:
            if progress.phase == "measuring" and progress.tok_s:
                psutil.Process(adapter.started[0].server.pid).kill()

    with pytest.raises(EngineFailed) as caught:
        run(adapter, tmp_path, KillWhenMeasuring())
    assert caught.value.reason == (
        "Mock stopped in the middle of the measurement (killed by signal 9)."
    )
    assert "Mock engine at" in caught.value.log


def test_it_says_that_an_engine_answers_only_errors(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="does not answer completions: HTTP 500"):
        run(MockAdapter(("--fail-every", "1")), tmp_path)


def test_it_stops_at_once_when_cancelled_and_leaves_no_process(tmp_path: Path) -> None:
    """The answer would take ten minutes, and the plan's end would be no cancel."""
    adapter, wish = MockAdapter(("--ttft-ms", "600000")), threading.Event()

    def report(progress: Progress) -> None:
        if progress.phase == "warming-up":
            wish.set()

    with pytest.raises(Cancelled):
        measure(
            plan(),
            report=report,
            cancelled=wish.is_set,
            work_dir=tmp_path,
            weights=NoWeights(),
            adapter=adapter,
        )
    assert not psutil.pid_exists(adapter.started[0].server.pid)


def test_it_can_be_cancelled_while_the_engine_starts(tmp_path: Path) -> None:
    wish = threading.Event()

    def report(progress: Progress) -> None:
        if progress.phase == "starting":
            wish.set()

    class NeverReady(MockAdapter):
        def start(self, launch: object, check: object) -> object:  # type: ignore[override]
            while True:
                check()  # type: ignore[operator]

    with pytest.raises(Cancelled):
        measure(
            plan(),
            report=report,
            cancelled=wish.is_set,
            work_dir=tmp_path,
            weights=NoWeights(),
            adapter=NeverReady(),
        )


def test_it_says_so_when_the_time_was_too_short_for_anything() -> None:
    """Of a server that runs already: how long one takes to start is another matter."""
    short = plan().model_copy(update={"time_limit_s": 1})
    with mock(ttft_ms=600_000) as (_, address):
        served = connect(address, "mock")
        with pytest.raises(CannotMeasure, match="limit of 1 s was over before a single point"):
            measure_endpoint(short, served, report=Heard(), cancelled=never)


def test_it_marks_what_may_be_wrong(tmp_path: Path) -> None:
    document = run(
        MockAdapter(("--cached-tokens", "9", "--ttft-ms", "5", "--itl-ms", "2")), tmp_path
    )
    assert any("9 prompt tokens came from a cache" in m for m in document.points[0].marks)

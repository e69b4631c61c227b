from __future__ import annotations

from datetime import UTC, datetime

from benchruns.host import report
from benchruns.host.document import (
    Conditions,
    EngineFacts,
    Finding,
    HostFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Sample,
)
from benchruns.host.progress import Progress
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer, plan

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOST = HostFacts(
    cpu="a CPU", cores_physical=1, cores_logical=2, memory_gib=4.0, arch="x86_64", os="linux"
)


def document(*samples: Sample, **changes: object) -> ResultDocument:
    point = Point(
        clients=2,
        slots=4,
        duration_s=1.0,
        samples=samples,
        summary=summarise(samples, 2),
        guards=(Finding(guard="other", sentence="something was odd"),),
    )
    known: dict[str, object] = {
        "rigguide_version": "0",
        "started_at": NOW,
        "finished_at": NOW,
        "plan": plan(),
        "engine": EngineFacts(id="mock", name="Mock", provider="test", version="1", slots=4),
        "model": ModelFacts(
            id="tiny", name="Tiny", quant="Q8_0", params=1, weights_bytes=1, synthetic=True
        ),
        "host": HOST,
        "conditions": Conditions(),
        "points": (point,),
        "command": "rigguide bench --engine mock",
    }
    return ResultDocument.model_validate({**known, **changes})


def test_it_shows_medians_with_how_well_they_are_known() -> None:
    text = report.text(document(*[answer(gap_s=0.02)] * 10))
    assert "Mock 1 (test), tuned" in text
    assert "Tiny Q8_0, synthetic weights, 4 slots" in text
    assert "50.0 ±0.0" in text
    assert "100.0 ±0.0" in text


def test_it_says_not_measured_and_never_nought() -> None:
    failed = answer(tokens=0, outcome="failed", error="HTTP 500")
    row = next(line for line in report.text(document(failed)).splitlines() if "not ok" in line)
    assert row.count("not measured") == 6
    assert "0 (+1 not ok)" in row
    assert "unstable: 1 request did not go well" in row


def test_it_shows_every_mark_and_the_command_that_repeats_it() -> None:
    text = report.text(
        document(answer(), guards=(Finding(guard="other", sentence="the whole was odd"),))
    )
    assert "! the whole was odd" in text
    assert "! at 2 clients: something was odd" in text
    assert text.endswith("Again: rigguide bench --engine mock")


def test_progress_is_one_line() -> None:
    news = Progress(
        at=NOW, phase="measuring", message="2 clients at once", point=2, points=3, tok_s=41.26
    )
    assert report.progress_line(news) == "[measuring 2/3] 2 clients at once, 41.3 tok/s so far"

"""The real measurement of the mock engine, in a process of its own under its guard, and short."""

from __future__ import annotations

from pathlib import Path

from benchruns.host.document import ResultDocument
from benchruns.host.measure import measure
from benchruns.host.plan import Plan
from benchruns.host.progress import IsCancelled, Report
from tests.benchruns.host.instrument import MockAdapter, NoWeights

OPTIONS = ("--ttft-ms", "20", "--itl-ms", "4")


def plan(seed: int) -> Plan:
    return Plan(
        engine="mock",
        model="tiny",
        clients=(1,),
        prompt_tokens=8,
        output_tokens=4,
        requests_per_client=1,
        half_width=0.5,
        point_limit_s=2,
        time_limit_s=30,
        seed=seed,
    )


def short(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    return measure(
        plan,
        report=report,
        cancelled=cancelled,
        work_dir=work_dir,
        run_id=run_id,
        weights=NoWeights(),
        adapter=MockAdapter(options=OPTIONS),
    )

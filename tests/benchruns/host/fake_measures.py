"""Stand-ins for `benchruns.host.measure.measure`, named by tests and loaded by real workers."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

from benchruns.host.document import (
    Conditions,
    EngineFacts,
    HostFacts,
    ModelFacts,
    ResultDocument,
)
from benchruns.host.errors import Cancelled, EngineFailed
from benchruns.host.guard import spawn
from benchruns.host.leftovers import PART
from benchruns.host.plan import Plan
from benchruns.host.progress import IsCancelled, Progress, Report

FACTS = HostFacts(
    cpu="a CPU", cores_physical=1, cores_logical=2, memory_gib=4.0, arch="x86_64", os="linux"
)

# An engine with a daemon: both sign in with their pid, both are deaf to SIGTERM.
_TREE = textwrap.dedent("""
    import os, signal, time
    def sign_in():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open("engines", "a") as book:
            book.write(f"{os.getpid()}\\n")
        time.sleep(600)
    if not os.fork():
        os.setsid()
        if not os.fork():
            sign_in()
        os._exit(0)
    sign_in()
""")
TREE = (sys.executable, "-S", "-c", _TREE)


def news(message: str) -> Progress:
    return Progress(at=datetime.now(UTC), phase="measuring", message=message, fraction=0.5)


def document(plan: Plan, run_id: str | None) -> ResultDocument:
    now = datetime.now(UTC)
    return ResultDocument(
        rigguide_version="0",
        run_id=run_id,
        started_at=now,
        finished_at=now,
        plan=plan,
        engine=EngineFacts(id=plan.engine, name="Mock", provider="test", version="1"),
        model=ModelFacts(
            id=plan.model, name="Tiny", quant="Q8_0", params=1, weights_bytes=1, synthetic=True
        ),
        host=FACTS,
        conditions=Conditions(),
        points=(),
        command="rigguide bench",
    )


def quick(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    report(news("half-way"))
    return document(plan, run_id)


def until_cancelled(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """With an engine: a process tree under the guard, a daemon in it, deaf to SIGTERM."""
    engine = spawn(TREE, cwd=work_dir, log_path=work_dir / "engine.log")
    report(news("at it"))
    while not cancelled():
        time.sleep(0.02)
    engine.stop(grace_s=0.1)
    raise Cancelled


def until_a_file_says_so(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    report(news("at it"))
    while not (work_dir.parents[1] / "enough").exists():
        if cancelled():
            raise Cancelled
        time.sleep(0.02)
    return document(plan, run_id)


def some_time(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """A second of measuring an engine, which may be killed meanwhile."""
    with spawn(TREE, cwd=work_dir, log_path=work_dir / "engine.log") as engine:
        for number in range(10):
            report(news(str(number)))
            time.sleep(0.1)
            if cancelled():
                raise Cancelled
            if not engine.alive():
                raise EngineFailed("The engine died.")
        engine.stop(grace_s=0.1)
    return document(plan, run_id)


def deaf(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """Does not care for what anybody wishes."""
    engine = spawn(TREE, cwd=work_dir, log_path=work_dir / "engine.log")
    report(news("at it"))
    time.sleep(600)
    engine.stop()
    return document(plan, run_id)


def engine_fails(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    raise EngineFailed("The engine did not start.", log="no such model")


def faulty(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    raise ZeroDivisionError("a fault")


def kills_itself(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """As the kernel does to a process when memory runs out."""
    (work_dir / "engine.log").write_text("last words of the engine\n")
    os.kill(os.getpid(), 9)
    return document(plan, run_id)


def mock_engine(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """All of a real measurement, of the mock engine in a process of its own."""
    from benchruns.host.measure import measure
    from tests.benchruns.host.instrument import MockAdapter, NoWeights

    return measure(
        plan,
        report=report,
        cancelled=cancelled,
        work_dir=work_dir,
        run_id=run_id,
        weights=NoWeights(),
        adapter=MockAdapter(),
    )


class Hold:
    """Stands still for ever at the moment that the file `hold` names; `held` then says so."""

    def __init__(self, home: Path) -> None:
        named = home / "hold"
        self._wanted = named.read_text() if named.exists() else ""
        self._held = home / "held"
        self.phase = ""

    def at(self, moment: str) -> None:
        if moment == self._wanted:
            self._held.touch()
            time.sleep(600)

    def hearing(self, report: Report) -> Report:
        """`report`, and which phase and point it told of last."""

        def hear(progress: Progress) -> None:
            report(progress)
            self.phase = " ".join(map(str, filter(None, (progress.phase, progress.point))))

        return hear

    def before_a_file_is_whole(self) -> None:
        """The moment between writing a result and giving it its name."""
        really_replace = Path.replace

        def replace(path: Path, target: Path) -> Path:
            if path.name.endswith(PART):
                self.at("half kept")
            return really_replace(path, target)

        Path.replace = replace  # type: ignore[method-assign,assignment]


def held(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """All of a real measurement of the mock engine, which may be held at any of its moments."""
    from benchruns.host.measure import measure
    from tests.benchruns.host.held_engine import HeldAdapter, HeldWeights

    hold = Hold(work_dir.parents[1])
    hold.at("claimed")
    found = measure(
        plan,
        report=hold.hearing(report),
        cancelled=cancelled,
        work_dir=work_dir,
        run_id=run_id,
        weights=HeldWeights(hold),
        adapter=HeldAdapter(hold),
    )
    hold.at("measured")
    hold.before_a_file_is_whole()
    return found

"""Measures one plan: weights, engine, warm-up, load curve, result document.

Everything is cleaned up whatever happens: the engine's process tree ends with `measure`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep

from benchruns.host import conditions, marks, roofline
from benchruns.host.adapters import registry
from benchruns.host.adapters.base import EngineAdapter, Launch, RunningEngine
from benchruns.host.adapters.process import free_port
from benchruns.host.command_line import reproduce
from benchruns.host.courier import Courier
from benchruns.host.document import (
    Conditions,
    EngineFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Summary,
)
from benchruns.host.errors import CannotMeasure, EngineFailed
from benchruns.host.load.closed_loop import Tally
from benchruns.host.load.curve import Curve, OutOfTime, RawPoint
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.request import Target
from benchruns.host.plan import Plan
from benchruns.host.probe import probe
from benchruns.host.progress import IsCancelled, Report
from benchruns.host.statistics import summarise
from benchruns.host.weights import Weights, from_catalogue

_CONTEXT_SPARE = 64  # tokens beside prompt and output, per slot


def measure(
    plan: Plan,
    *,
    report: Report,
    cancelled: IsCancelled,
    work_dir: Path,
    run_id: str | None = None,
    weights: Weights | None = None,
    adapter: EngineAdapter | None = None,
    spec: str | None = None,
) -> ResultDocument:
    """Measures `plan` on this machine. `report` and `cancelled` are called from one thread of
    their own and may be slow. `weights` and `adapter` default to what the plan names; `spec` is
    how the command line names weights that are in no catalogue.

    Raises EngineFailed (or CannotMeasure, one of its kind) with a sentence and the engine's log,
    Cancelled, and whatever the callbacks raise.
    """
    deadline, began = monotonic() + plan.time_limit_s, datetime.now(UTC)
    with Courier(report, cancelled) as courier:
        courier.tell("preparing", "Looking at this machine")
        engine_adapter = adapter or registry.adapter(plan.engine)
        _require(engine_adapter)
        source = weights or from_catalogue(plan.model, plan.quant)
        start = conditions.before()
        launch = _launch(plan, _prepare(source, courier), work_dir, deadline)
        courier.tell("starting", f"Starting {engine_adapter.name}", fraction=0.2)
        engine = engine_adapter.start(launch, courier.check)
        with _stopping(engine):
            facts = source.facts()
            job = _Job(plan, engine, facts, courier, deadline, start, run_id, spec, began)
            return job.document()


def measure_endpoint(
    plan: Plan, engine: RunningEngine, *, report: Report, cancelled: IsCancelled
) -> ResultDocument:
    """The same for a server that already runs. Raises as `measure` does."""
    deadline = monotonic() + plan.time_limit_s
    model = ModelFacts(
        id=plan.model, name=plan.model, quant="", params=None, weights_bytes=None, synthetic=False
    )
    with Courier(report, cancelled) as courier:
        job = _Job(plan, engine, model, courier, deadline, conditions.before())
        return job.document()


def _require(adapter: EngineAdapter) -> None:
    found = adapter.installed()
    if found.provider is None:
        raise EngineFailed(f"{adapter.name} is not installed. {found.detail}.")


def _prepare(weights: Weights, courier: Courier) -> Path:
    def step(done: int, whole: int) -> None:
        courier.check()
        text = f"Preparing weights: {done / 2**20:,.0f} of {whole / 2**20:,.0f} MiB"
        courier.tell_live("preparing", text, fraction=round(0.2 * done / whole, 3))

    return weights.prepare(step)


def _launch(plan: Plan, model_path: Path, work_dir: Path, deadline: float) -> Launch:
    most = max(plan.clients)
    work_dir.mkdir(parents=True, exist_ok=True)
    return Launch(
        model_path=model_path.resolve(),
        model_name=plan.model,
        slots=most if plan.variant == "tuned" else None,
        context_per_slot=plan.prompt_tokens + plan.output_tokens + _CONTEXT_SPARE,
        port=free_port(),
        work_dir=work_dir.resolve(),
        most_clients=most,
        start_limit_s=max(1.0, deadline - monotonic()),
    )


@contextmanager
def _stopping(engine: RunningEngine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.stop()


@dataclass(slots=True)
class _Job:
    plan: Plan
    engine: RunningEngine
    model: ModelFacts
    courier: Courier
    deadline: float
    conditions: Conditions
    run_id: str | None = None
    spec: str | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def document(self) -> ResultDocument:
        host, facts = probe(), self.engine.facts()
        watch = conditions.CpuWatch(self.engine.pid)
        curve = self._load()
        others = watch.percent_others() if self.engine.pid else None
        self.courier.tell("finishing", "Writing the result", fraction=0.98)
        ceiling = roofline.ceiling_tok_s(self.model.weights_bytes, host)
        return ResultDocument(
            rigguide_version=version("rigguide"),
            run_id=self.run_id,
            started_at=self.began,
            finished_at=datetime.now(UTC),
            plan=self.plan,
            engine=facts,
            model=self.model,
            host=host,
            conditions=conditions.after(self.conditions, others),
            points=tuple(_point(p, self.plan, facts, ceiling) for p in curve.points),
            command=reproduce(self.plan, self.engine, self.spec),
            marks=tuple(self._marks(curve)),
        )

    def _marks(self, curve: Curve) -> Iterator[str]:
        if curve.skipped:
            left_out = ", ".join(map(str, curve.skipped))
            yield f"the limit of {self.plan.time_limit_s} s left no room for {left_out} clients"
        if self.engine.pid is None:
            yield "the server was not started here: `host` describes the client's machine"
        yield from marks.of_memory(conditions.swapped_gib(self.conditions))

    def _load(self) -> Curve:
        curve = Curve(
            plan=self.plan,
            target=self._target(),
            deadline=self.deadline,
            watch=self._watch,
            live=self._live,
            settled=self._settled,
            others=self._others,
        )
        try:
            asyncio.run(curve.run(dialect_known=self.engine.dialect is not None))
        except OutOfTime:
            pass
        except EngineFailed as error:
            raise self._with_log(error) from error
        if not curve.points:
            raise CannotMeasure(
                f"The time limit of {self.plan.time_limit_s} s was over before a single point "
                "could be measured. Give it more time, fewer tokens or a smaller model.",
                log=self.engine.log_tail(),
            )
        return curve

    def _others(self) -> Callable[[], float | None]:
        """The processes of a server that is not ours cannot be told from those of others."""
        pid = self.engine.pid
        return (lambda: None) if pid is None else conditions.CpuWatch(pid).percent_others

    def _target(self) -> Target:
        return Target(
            base_url=self.engine.base_url,
            model_name=self.engine.model_name,
            dialect=self.engine.dialect or NATIVE,
            output_tokens=self.plan.output_tokens,
            timeout_s=float(self.plan.time_limit_s),
        )

    def _watch(self) -> None:
        self.courier.check()
        if self.engine.pid is not None and not self.engine.alive():
            raise self._gone()

    def _gone(self) -> EngineFailed:
        name = self.engine.facts().name
        return EngineFailed(
            f"{name} stopped in the middle of the measurement ({self.engine.ending()}).",
            log=self.engine.log_tail(),
        )

    def _with_log(self, error: EngineFailed) -> EngineFailed:
        if not self._survives():
            return self._gone()
        return EngineFailed(error.reason, log=error.log or self.engine.log_tail())

    async def _settled(self, point: RawPoint) -> None:
        """Requests that failed may be the first sign that the engine died."""
        failed = any(sample.outcome == "failed" for sample in point.samples)
        if failed and not await asyncio.to_thread(self._survives):
            raise self._gone()

    def _survives(self) -> bool:
        """A broken connection is seen a moment before the end of the process is."""
        return all(self.engine.alive() for _ in _moments(0.5))

    def _live(self, phase: str, index: int, tally: Tally | None) -> None:
        points = len(self.plan.clients)
        if phase == "warming-up" or tally is None:
            self.courier.tell("warming-up", "Warming up", points=points, fraction=0.25)
            return
        clients = self.plan.clients[index]
        rate = tally.live_tok_s
        self.courier.tell_live(
            "measuring",
            f"{clients} client{'s' if clients > 1 else ''} at once",
            point=index + 1,
            points=points,
            clients=clients,
            tok_s=None if rate is None else round(rate, 1),
            fraction=round(0.35 + 0.6 * (index + _share(tally)) / points, 3),
        )


def _share(tally: Tally) -> float:
    return min(1.0, tally.elapsed_s / tally.box_s) if tally.box_s else 0.0


def _moments(for_s: float) -> Iterator[None]:
    end = monotonic() + for_s
    while monotonic() < end:
        yield
        sleep(0.05)


def _judged(summary: Summary, raw: RawPoint) -> Summary:
    verdict = marks.disturbed(raw.cpu_percent_others)
    if not verdict or not summary.stable:
        return summary
    return summary.model_copy(update={"stable": False, "verdict": verdict})


def _point(raw: RawPoint, plan: Plan, engine: EngineFacts, ceiling: float | None) -> Point:
    summary = _judged(summarise(raw.samples, raw.clients), raw)
    found = [*marks.of_samples(raw.samples, plan.prompt_tokens)]
    found += marks.of_rates(summary, ceiling)
    found += marks.of_client(raw.lag_p99_ms)
    found += marks.of_others(raw.cpu_percent_others)
    if raw.cut:
        found.append("cut off by the plan's time limit")
    return Point(
        clients=raw.clients,
        slots=engine.slots,
        duration_s=raw.duration_s,
        samples=raw.samples,
        summary=summary,
        marks=tuple(found),
        client_lag_p99_ms=None if raw.lag_p99_ms is None else round(raw.lag_p99_ms, 3),
        cpu_percent_others=raw.cpu_percent_others,
    )

"""Measures one plan: weights, engine, warm-up, load curve, result document.

Everything is cleaned up whatever happens: the engine's process tree ends with `measure`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchruns.host import conditions, local, roofline, without_http
from benchruns.host.adapters import registry
from benchruns.host.adapters.base import EngineAdapter, Launch, RunningEngine
from benchruns.host.adapters.in_process import InProcess
from benchruns.host.adapters.process import free_port
from benchruns.host.assemble import Occasion, assemble
from benchruns.host.courier import Courier
from benchruns.host.document import EngineFacts, ModelFacts, ResultDocument
from benchruns.host.errors import EngineFailed
from benchruns.host.forms import in_form
from benchruns.host.loading import Loading
from benchruns.host.plan import Plan
from benchruns.host.probe import probe
from benchruns.host.progress import IsCancelled, Report
from benchruns.host.slowdown import SlowdownWatch, gpu_others, gpu_pids
from benchruns.host.synthetic.shelf import in_use
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
    deadline = monotonic() + plan.time_limit_s
    with Courier(report, cancelled) as courier:
        engine_adapter = _installed(adapter or registry.adapter(plan.engine), plan.provider)
        source = weights or from_catalogue(plan.model, plan.quant)
        source = in_form(source, engine_adapter.weights, engine_adapter.name)
        occasion = _look(courier, run_id, spec)
        path = _prepare(source, courier)
        launch = _launch(plan, path, work_dir, deadline, synthetic=source.facts().synthetic)
        courier.tell("starting", f"Starting {engine_adapter.name}", fraction=0.2)
        if isinstance(engine_adapter, InProcess):
            with in_use(path):
                return without_http.measured(
                    plan, engine_adapter, launch, source.facts(), courier, deadline, occasion
                )
        with in_use(path), _stopping(engine_adapter.start(launch, courier.check)) as engine:
            return _load(plan, engine, source.facts(), courier, deadline, occasion)


def measure_endpoint(
    plan: Plan, engine: RunningEngine, *, report: Report, cancelled: IsCancelled
) -> ResultDocument:
    """The same for a server that already runs. Raises as `measure` does."""
    deadline = monotonic() + plan.time_limit_s
    model = ModelFacts(
        id=plan.model,
        name=local.short(engine.model_name),
        quant="",
        params=None,
        weights_bytes=None,
        synthetic=False,
    )
    with Courier(report, cancelled) as courier:
        return _load(plan, engine, model, courier, deadline, _look(courier, None, None))


def _installed(adapter: EngineAdapter, provider: str | None) -> EngineAdapter:
    found = adapter.installed(provider)
    if found.provider is None:
        which = f" ({provider})" if provider else ""
        raise EngineFailed(f"{adapter.name}{which} is not installed. {found.detail}.")
    return adapter


def _look(courier: Courier, run_id: str | None, spec: str | None) -> Occasion:
    """Before the engine starts, so that memory and processor are free to be looked at."""
    courier.tell("preparing", "Looking at this machine")
    began, facts, found = datetime.now(UTC), probe(), conditions.before()
    return Occasion(began, facts, found, run_id, spec and local.short(spec), gpu_pids())


def _prepare(weights: Weights, courier: Courier) -> Path:
    def step(done: int, whole: int) -> None:
        courier.check()
        text = f"Preparing weights: {done / 2**20:,.0f} of {whole / 2**20:,.0f} MiB"
        courier.tell_live("preparing", text, fraction=round(0.2 * done / whole, 3))

    return weights.prepare(step)


def _launch(
    plan: Plan, model_path: Path, work_dir: Path, deadline: float, *, synthetic: bool
) -> Launch:
    most = max(plan.clients)
    work_dir.mkdir(parents=True, exist_ok=True)
    return Launch(
        model_path=model_path.resolve(),
        model_name=plan.model,
        slots=most if plan.variant == "tuned" else None,
        context_per_slot=plan.most_prompt_tokens + plan.most_output_tokens + _CONTEXT_SPARE,
        port=free_port(),
        work_dir=work_dir.resolve(),
        most_clients=most,
        start_limit_s=max(1.0, deadline - monotonic()),
        synthetic=synthetic,
        provider=plan.provider,
    )


@contextmanager
def _stopping(engine: RunningEngine) -> Iterator[RunningEngine]:
    try:
        yield engine
    finally:
        engine.stop()


def _public(facts: EngineFacts) -> EngineFacts:
    return facts.model_copy(update={"argv": local.redacted(facts.argv)})


def _load(
    plan: Plan,
    engine: RunningEngine,
    model: ModelFacts,
    courier: Courier,
    deadline: float,
    occasion: Occasion,
) -> ResultDocument:
    facts, watch = _public(engine.facts()), conditions.CpuWatch(engine.pid)
    there = gpu_pids()
    with SlowdownWatch() as slowdown:
        ceiling = roofline.ceiling_tok_s(model.decode_bytes, occasion.host)
        curve = Loading(plan, engine, courier, deadline, ceiling).run()
    others = watch.percent_others() if engine.pid else None
    courier.tell("finishing", "Writing the result", fraction=0.98)
    before = occasion.gpu_pids if engine.pid else frozenset[int]()
    ended = slowdown.seen(conditions.after(occasion.conditions, others))
    ended = ended.model_copy(update={"gpu_others": gpu_others(before, there, gpu_pids())})
    return assemble(curve, engine, facts, model, occasion, ended)

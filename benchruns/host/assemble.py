"""Puts a result document together: figures, marks, circumstances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from benchruns.host import conditions, machines, roofline
from benchruns.host.adapters.base import RunningEngine
from benchruns.host.command_line import reproduce
from benchruns.host.document import (
    Conditions,
    EngineFacts,
    Finding,
    HostFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Summary,
)
from benchruns.host.guards import answers, found, machine, rates
from benchruns.host.load.curve import Curve, RawPoint
from benchruns.host.statistics import summarise
from benchruns.host.synthetic.caveats import caveats, layers_made


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was known before the engine started. `spec`: the model as the command line names it."""

    began: datetime
    host: HostFacts
    conditions: Conditions
    run_id: str | None
    spec: str | None


def assemble(
    curve: Curve,
    engine: RunningEngine,
    facts: EngineFacts,
    model: ModelFacts,
    occasion: Occasion,
    ended: Conditions,
) -> ResultDocument:
    ceiling = roofline.ceiling_tok_s(model.decode_bytes, occasion.host)
    return ResultDocument(
        rigguide_version=version("rigguide"),
        run_id=occasion.run_id,
        started_at=occasion.began,
        finished_at=datetime.now(UTC),
        plan=curve.plan,
        engine=facts,
        model=model,
        host=occasion.host,
        conditions=ended,
        points=tuple(point(raw, curve, facts, ceiling) for raw in curve.points),
        command=reproduce(curve.plan, engine, occasion.spec, layers_made(model)),
        guards=tuple(_guards(curve, engine, facts, model, occasion)),
    )


def _guards(
    curve: Curve,
    engine: RunningEngine,
    facts: EngineFacts,
    model: ModelFacts,
    occasion: Occasion,
) -> Iterator[Finding]:
    if curve.skipped:
        left_out = ", ".join(map(str, curve.skipped))
        said = f"the limit of {curve.plan.time_limit_s} s left no room for {left_out} clients"
        yield found("time-limit", said, left_out=left_out)
    if engine.pid is None:
        yield found(
            "not-ours", "the server was not started here: `host` describes the client's machine"
        )
    if not machines.computed(facts, occasion.host).hardware:
        yield found("backend-unknown", machines.NOT_KNOWN)
    yield from machine.of_memory(conditions.swapped_gib(occasion.conditions))
    yield from (found("weights", caveat) for caveat in caveats(model))


def point(raw: RawPoint, curve: Curve, engine: EngineFacts, ceiling_tok_s: float | None) -> Point:
    summary = _judged(summarise(raw.samples, raw.clients), raw)
    return Point(
        clients=raw.clients,
        slots=engine.slots,
        duration_s=raw.duration_s,
        samples=raw.samples,
        summary=summary,
        guards=tuple(_point_guards(raw, summary, curve.plan.prompt_tokens, ceiling_tok_s)),
        client_lag_p99_ms=None if raw.lag_p99_ms is None else round(raw.lag_p99_ms, 3),
        cpu_percent_others=raw.cpu_percent_others,
    )


def _point_guards(
    raw: RawPoint, summary: Summary, prompt_tokens: int, ceiling_tok_s: float | None
) -> Iterator[Finding]:
    yield from answers.of_samples(raw.samples, prompt_tokens)
    yield from rates.of_rates(summary, ceiling_tok_s)
    yield from rates.of_client(raw.lag_p99_ms)
    yield from machine.of_others(raw.cpu_percent_others)
    if raw.cut:
        yield found("time-limit", "cut off by the plan's time limit")


def _judged(summary: Summary, raw: RawPoint) -> Summary:
    verdict = machine.disturbed(raw.cpu_percent_others)
    if not verdict or not summary.stable:
        return summary
    return summary.model_copy(update={"stable": False, "verdict": verdict})

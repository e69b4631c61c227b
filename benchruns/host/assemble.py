"""Puts a result document together: figures, findings, circumstances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from benchruns.host import machines, roofline
from benchruns.host.adapters.base import RunningEngine
from benchruns.host.command_line import reproduce
from benchruns.host.document import (
    Conditions,
    EngineFacts,
    Finding,
    HostFacts,
    ModelFacts,
    ResultDocument,
)
from benchruns.host.guards import found, machine
from benchruns.host.load.curve import Curve
from benchruns.host.points import Maker
from benchruns.host.synthetic.caveats import caveats, layers_made


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was known before the engine started. `spec`: the model as the command line names it."""

    began: datetime
    host: HostFacts
    conditions: Conditions
    run_id: str | None
    spec: str | None
    gpu_pids: frozenset[int] | None = None  # that computed on its GPUs


def assemble(
    curve: Curve,
    engine: RunningEngine,
    facts: EngineFacts,
    model: ModelFacts,
    occasion: Occasion,
    ended: Conditions,
) -> ResultDocument:
    ceiling = roofline.ceiling_tok_s(model.decode_bytes, occasion.host)
    make = Maker(curve.plan, facts.slots, ceiling)
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
        points=tuple(map(make.closed, curve.points)),
        open_points=tuple(map(make.open, curve.open_points)),
        goodput=make.goodput(curve),
        command=reproduce(curve.plan, engine, occasion.spec, layers_made(model)),
        guards=tuple(_guards(curve, engine, facts, model, occasion, ended)),
    )


def _guards(
    curve: Curve,
    engine: RunningEngine,
    facts: EngineFacts,
    model: ModelFacts,
    occasion: Occasion,
    ended: Conditions,
) -> Iterator[Finding]:
    if curve.skipped:
        left_out = ", ".join(map(str, curve.skipped))
        said = f"the limit of {curve.plan.time_limit_s} s left no room for {left_out} clients"
        yield found("time-limit", said, left_out=left_out)
    if curve.rates_skipped:
        left_out = ", ".join(f"{rate:g}" for rate in curve.rates_skipped)
        said = f"the limit of {curve.plan.time_limit_s} s left no room for {left_out} requests/s"
        yield found("time-limit", said, left_out=left_out)
    if engine.pid is None:
        yield found(
            "not-ours", "the server was not started here: `host` describes the client's machine"
        )
    if not machines.computed(facts, occasion.host).hardware:
        yield found("backend-unknown", machines.NOT_KNOWN)
    yield from machine.of_conditions(ended)
    yield from (found("weights", caveat) for caveat in caveats(model))

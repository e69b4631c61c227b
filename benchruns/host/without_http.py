"""Measures an engine that is no server: no requests, no client, the same result document."""

from __future__ import annotations

from benchruns.host import conditions, local
from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.in_process import InProcess
from benchruns.host.assemble import Occasion, assemble
from benchruns.host.courier import Courier
from benchruns.host.document import ModelFacts, ResultDocument
from benchruns.host.load.curve import Curve, RawPoint
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.request import Target
from benchruns.host.plan import Plan
from benchruns.host.slowdown import SlowdownWatch


def measured(
    plan: Plan,
    adapter: InProcess,
    launch: Launch,
    model: ModelFacts,
    courier: Courier,
    deadline: float,
    occasion: Occasion,
) -> ResultDocument:
    """A sequence of a batch stands where elsewhere a request does. Raises as `run` does."""
    with SlowdownWatch() as slowdown:
        engine, points = adapter.run(plan, launch, courier, deadline)
    facts = engine.facts()
    facts = facts.model_copy(update={"argv": local.redacted(facts.argv)})
    told = [point.cpu_percent_others for point in points]
    others = max((percent for percent in told if percent is not None), default=None)
    ended = slowdown.seen(conditions.after(occasion.conditions, others))
    return assemble(_curve(plan, points), engine, facts, model, occasion, ended)


def _curve(plan: Plan, points: list[RawPoint]) -> Curve:
    """What a load generator would have left behind."""

    async def settled(_point: RawPoint) -> None: ...

    measured_here = {point.clients for point in points}
    return Curve(
        plan=plan,
        target=Target("", plan.model, NATIVE, plan.output_tokens, 0.0),
        aim=0.0,
        deadline=0.0,
        watch=lambda: None,
        live=lambda _phase, _step, _tally: None,
        settled=settled,
        points=points,
        skipped=[clients for clients in plan.clients if clients not in measured_here],
    )

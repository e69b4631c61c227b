"""Measures an engine that is no server: no requests, no client, the same result document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from benchruns.host import conditions, local
from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.in_process import InProcess
from benchruns.host.assemble import Occasion, assemble
from benchruns.host.bootstrap import distribution
from benchruns.host.courier import Courier
from benchruns.host.document import InProcess as BatchTest
from benchruns.host.document import ModelFacts, ResultDocument, Sample
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
    document = assemble(_curve(plan, points), engine, facts, model, occasion, ended)
    threads = engine.ready.get("threads")
    found = tuple(test for point in points for test in tests(plan, point, threads))
    return document.model_copy(update={"in_process": found})


def tests(plan: Plan, point: RawPoint, threads: int | None) -> Iterator[BatchTest]:
    """`pp` and `tg`, a value for each batch, as llama-bench and llama-batched-bench tell them."""
    read = [(begin, first) for begin, first, _ in _batches(point)]
    yield _test("pp", plan, point.clients, threads, read)
    made = [(first, end) for _, first, end in _batches(point)]
    if any(end > first for first, end in made):
        yield _test("tg", plan, point.clients, threads, made)


def _batches(point: RawPoint) -> Iterator[tuple[float, float, float]]:
    """When each began, when the last of its prompts was read, when it was over."""
    begun: dict[float, list[Sample]] = {}
    for sample in point.samples:
        begun.setdefault(sample.start_s, []).append(sample)
    for begin, batch in begun.items():
        yield begin, max(s.token_times_s[0] for s in batch), max(s.token_times_s[-1] for s in batch)


def _test(
    test: Literal["pp", "tg"],
    plan: Plan,
    sequences: int,
    threads: int | None,
    spans: Sequence[tuple[float, float]],
) -> BatchTest:
    """The first token of a sequence comes of reading its prompt, so "tg" makes one less."""
    each = plan.prompt_tokens if test == "pp" else plan.output_tokens - 1
    seconds = tuple(round(end - begin, 6) for begin, end in spans)
    return BatchTest(
        test=test,
        sequences=sequences,
        prompt_tokens=plan.prompt_tokens,
        output_tokens=0 if test == "pp" else each,
        threads=threads,
        seconds=seconds,
        tok_s=distribution([[sequences * each / took] for took in seconds if took > 0]),
    )


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

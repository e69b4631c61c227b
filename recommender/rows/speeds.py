"""The speed a row asks for, by the estimator's own formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recommender.estimate import fitted, speed
from recommender.estimate.load import Talk
from recommender.estimate.step import Case, case
from recommender.rows import units
from recommender.rows.resolve import Resolved
from recommender.rows.setting import setting

KINDS = ("decode", "prefill", "concurrent")
LONG = 16  # a prompt so many times its answer: nobody divides the answer by the wait for both

Mode = Literal["prefill", "step", "total", "both", "requests", "user", "time"]
"""What is divided by what: prompt tokens by the time of the prompt; tokens of one step by its
time; everybody's answers by all of the time (`both`: with their prompts); one user's pace; a
latency."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Tokens: of a prompt, of an answer, in the cache before, in the cache on average."""

    prompt: float
    output: float
    depth: float
    cached: float


def mode(found: Resolved, meant: units.Rate) -> Mode:
    """How the row's unit is to be worked out."""
    if found.row.kind == "prefill" and meant == "total":
        return "prefill"
    if meant == "decode-only":
        return "step"
    if meant in ("total", "output", "user") and found.clients == 1 and not _prompt_counts(found):
        return "step"
    if meant == "both" or meant == "user" or meant == "requests" or meant == "time":
        return meant
    return "total"


def _prompt_counts(found: Resolved) -> bool:
    """Whether the time of the prompt is in the figure of one stream."""
    if found.talk.prompt >= LONG * max(1.0, found.talk.output):
        return False
    return found.conditions.wall or found.row.kind != "decode"


def shape(found: Resolved, how: Mode) -> Shape:
    """The lengths that `mode` counts with."""
    prompt, output, depth = found.talk.prompt, found.talk.output, found.depth
    if how == "prefill":
        tokens = prompt or 512.0
        return Shape(tokens, 0.0, depth, depth + tokens / 2)
    output = output or (128.0 if how == "step" else 1.0)
    before = depth if found.row.kind == "decode" else max(depth, prompt)
    return Shape(prompt, output, depth, before + output / 2)


def rate(found: Resolved, at_once: int) -> tuple[float, float, float] | None:
    """Value, low and high in the row's own unit; None where the estimate has no such figure."""
    one = case_of(found)
    if one is None:
        return None
    how = mode(found, units.rate(found.row.unit, found.row.kind))
    value = _value(found, one, at_once, how)
    if value is None:
        return None
    kind = "prefill" if how == "prefill" else "decode" if found.clients == 1 else "concurrent"
    low, high = fitted.interval(kind, one.traits)
    return (
        (value, value / high, value / low) if how == "time" else (value, value * low, value * high)
    )


def how(found: Resolved) -> str:
    """Which rows the constants for it rest on."""
    one = case_of(found)
    return "" if one is None else fitted.how(found.engine_id, one.traits.group("backend"))


def case_of(found: Resolved) -> Case | None:
    """The constants that hold for this row; None where model or machine is not known."""
    model, quant, machine, backend = found.model, found.quant, found.machine, found.backend
    if model is None or quant is None or machine is None or backend is None:
        return None
    return case(found.engine_id, model, quant, machine, backend, how=setting(found))


def _value(found: Resolved, one: Case, at_once: int, how: Mode) -> float | None:
    lengths, slower = shape(found, how), found.slower
    if how == "prefill":
        took = one.prefill(lengths.prompt, lengths.depth)
        return None if took is None else slower * lengths.prompt / took
    if how == "step":
        running = min(found.clients, at_once)
        step = one.step(running, lengths.cached)
        return None if step is None else slower * running / step
    got = speed.served(one, found.clients, at_once, Talk(lengths.prompt, lengths.output))
    if how == "time":
        latency = _time(found, got, lengths.output)
        return None if latency is None else latency / slower
    if how == "user":
        return None if got.user is None else slower * got.user
    return None if got.total is None else slower * _total(got.total, lengths, how)


def _total(output: float, lengths: Shape, how: Mode) -> float:
    if how == "both":
        return output * (lengths.prompt + lengths.output) / lengths.output
    return output / lengths.output if how == "requests" else output


def _time(found: Resolved, got: speed.Served, output: float) -> float | None:
    """The wait for the first token, the time between two, or the whole answer."""
    text = f"{found.row.unit} {found.row.kind}".lower()
    unit_s = units.seconds(found.row.unit)
    between = None if got.user is None else 1 / got.user
    if any(mark in text for mark in ("tpot", "itl", "per token", "inter-token")):
        return None if between is None else between / unit_s
    if got.ttft_ms is None:
        return None
    first = got.ttft_ms / 1000
    if any(mark in text for mark in ("e2e", "end-to-end", "request latency")):
        first += output * (between or 0.0)
    return first / unit_s

"""The speed a row asks for, by the estimator's own formulas."""

from __future__ import annotations

from dataclasses import replace

from recommender.catalogue import Guess
from recommender.estimate import speed
from recommender.estimate.step import Case, case
from recommender.rows import units
from recommender.rows.resolve import Resolved

KINDS = ("decode", "prefill", "concurrent")


def case_of(found: Resolved, guess: Guess) -> Case | None:
    """The constants that hold for this row; None where model or machine is not known."""
    if found.model is None or found.quant is None or found.machine is None:
        return None
    if found.backend is None:
        return None
    one = case(found.engine_id, found.model, found.quant, found.machine, found.backend, guess)
    return replace(one, pace=one.pace * found.slower)


def rate_of(found: Resolved, one: Case, at_once: int) -> float | None:
    """In the row's own unit; None where the estimate has no such figure."""
    meant = units.rate(found.row.unit, found.row.kind)
    if found.row.kind == "prefill" and meant == "total":
        return _prefill(found, one)
    if found.row.kind == "decode" and meant in ("total", "output", "user", "decode-only"):
        return _decode(found, one)
    return _load(found, one, at_once, meant)


def _prefill(found: Resolved, one: Case) -> float | None:
    tokens = found.talk.prompt or 512
    took = one.prefill(tokens)
    return None if not took else tokens / took


def _decode(found: Resolved, one: Case) -> float | None:
    """One stream; with the wall's clock the prompt counts too."""
    if found.conditions.wall and found.talk.output:
        return speed.served(one, 1, 1, found.talk).total
    step = one.step(1, found.depth + (found.talk.output or 128) / 2)
    return None if step is None else 1 / step


def _load(found: Resolved, one: Case, at_once: int, meant: units.Rate) -> float | None:
    talk = found.talk if found.talk.output else replace(found.talk, output=1.0)
    got = speed.served(one, found.clients, at_once, talk)
    if meant == "time":
        return _time(found, got)
    if meant == "user":
        return got.user
    if meant == "decode-only":
        running = min(found.clients, at_once)
        step = one.step(running, talk.tokens)
        return None if step is None else running / step
    return _total(got.total, talk.prompt, talk.output, meant)


def _time(found: Resolved, got: speed.Served) -> float | None:
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
        first += found.talk.output * (between or 0.0)
    return first / unit_s


def _total(output: float | None, prompt: float, answer: float, meant: units.Rate) -> float | None:
    if output is None:
        return None
    if meant == "both":
        return output * (prompt + answer) / answer
    return output / answer if meant == "requests" else output

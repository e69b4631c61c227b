"""An engine that runs another one underneath cannot be faster than that one was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recommender import measured, rulebook
from recommender.estimate.load import TALK
from recommender.evidence import MeasuredPoint, Measurement
from recommender.recommendation import Figure, Reason, SpeedPoint


def of(found: Sequence[Measurement], engine: str, model: str, quant: str) -> Measurement | None:
    """What was measured of the engine underneath, with the same weights."""
    runner = rulebook.load().engines[engine].runs
    told = measured.of_engine(found, runner.engine, model, quant) if runner else None
    return told if told and any(_bounds(point) != (None, None) for point in told.points) else None


def capped(point: SpeedPoint, measurement: Measurement | None, engine: str) -> SpeedPoint:
    """The estimate, nowhere better than the engine underneath did with as many clients or fewer."""
    if measurement is None:
        return point
    told = [p for p in measurement.points if p.clients <= point.clients]
    note = _note(measurement, engine)
    pace = min((t for p in told if (t := _bounds(p)[0])), default=None)
    total, wait = _loaded(measurement, told, point.clients)
    return replace(
        point,
        tok_s_per_user=_at_most(point.tok_s_per_user, pace, note),
        total_tok_s=_at_most(point.total_tok_s, total, note),
        ttft_ms=_at_least(point.ttft_ms, wait, note),
    )


def _loaded(
    measurement: Measurement, told: Sequence[MeasuredPoint], clients: int
) -> tuple[float | None, float | None]:
    """Tokens/s in all and ms to the first token; with other slots or longer prompts no bound."""
    if measurement.variant != "tuned":
        return None, None
    total = next((p.total_tok_s for p in told if p.stable and p.clients == clients), None)
    short = measurement.prompt_tokens <= TALK.prompt
    waits = [wait for p in told if (wait := _bounds(p)[1]) is not None]
    return total, max(waits) if short and waits else None


def _bounds(point: MeasuredPoint) -> tuple[float | None, float | None]:
    """Tokens/s for each that cannot be passed, ms to the first token that cannot be undercut.

    Of an unstable point the better ends of its intervals, of a disturbed one nothing.
    """
    if point.stable:
        return measured.cautious(point)[0], point.ttft_p50_ms
    if point.disturbed:
        return None, None
    return point.tok_s_per_user_high, point.ttft_low_ms


def _at_most(figure: Figure, cap: float | None, note: str) -> Figure:
    if cap is None or figure.value is None or (figure.high or figure.value) <= cap:
        return figure
    low, high = figure.low, figure.high
    return replace(
        figure,
        value=min(figure.value, cap),
        low=None if low is None else min(low, cap),
        high=None if high is None else min(high, cap),
        note=f"{note} {figure.note}".strip(),
    )


def _at_least(figure: Figure, floor: float | None, note: str) -> Figure:
    if floor is None or figure.value is None or (figure.low or figure.value) >= floor:
        return figure
    low, high = figure.low, figure.high
    return replace(
        figure,
        value=max(figure.value, floor),
        low=None if low is None else max(low, floor),
        high=None if high is None else max(high, floor),
        note=f"{note} {figure.note}".strip(),
    )


def _note(measurement: Measurement, engine: str) -> str:
    names = rulebook.load().engines
    return (
        f"{names[engine].name} runs {names[measurement.engine].name} underneath, whose measurement"
        f" on {measurement.host} is its limit."
    )


def reason(measurement: Measurement, engine: str, text: str = "") -> Reason:
    """That it is bound, with the source that says what runs underneath."""
    book = rulebook.load()
    runner = book.engines[engine].runs
    source = book.sources[runner.source if runner else book.engines[engine].source]
    whole = f"{_note(measurement, engine)} {text}".strip()
    return Reason("measurement.underneath", source.id, whole, source.url, source.title)

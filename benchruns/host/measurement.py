"""A result document as evidence: what the decision needs to know of a measurement."""

from __future__ import annotations

from collections.abc import Iterable

from benchruns.host.document import Point, ResultDocument
from benchruns.host.guards.machine import BUSY_LIMIT
from benchruns.host.guards.rates import LAG_LIMIT_MS
from benchruns.host.machines import computed
from recommender.evidence import MeasuredPoint, Measurement


def measurement(document: ResultDocument, *, host: str, url: str) -> Measurement:
    """`host`: what the host is called here. `url`: where the document can be read."""
    what = computed(document.engine, document.host)
    return Measurement(
        engine=document.engine.id,
        model=document.model.id,
        quant=document.model.quant,
        hardware=what.hardware,
        device=what.device,
        machine=what.machine,
        host=host,
        engine_version=document.engine.version,
        variant=document.plan.variant,
        prompt_tokens=document.plan.prompt_tokens,
        output_tokens=document.plan.output_tokens,
        synthetic_weights=document.model.synthetic,
        measured_at=document.finished_at,
        url=url,
        points=tuple(_point(point) for point in _usable(document)),
        os=document.host.os,
        arch=document.host.arch,
        memory_gib=what.memory_gib,
        accelerators=what.accelerators,
    )


def _usable(document: ResultDocument) -> tuple[Point, ...]:
    """What a guard refused is evidence of nothing."""
    return () if document.refused else tuple(p for p in document.points if not p.refused)


def _point(point: Point) -> MeasuredPoint:
    """A figure that nobody measured is None. Failures or a competing load make it unstable."""
    summary = point.summary
    disturbed = summary.not_ok > 0 or _competed(point)
    return MeasuredPoint(
        clients=point.clients,
        ttft_p50_ms=summary.ttft_ms.p50,
        ttft_p95_ms=summary.ttft_ms.p95,
        tok_s_per_user_p50=summary.tok_s_per_user.p50,
        tok_s_per_user_p5=summary.tok_s_per_user.p5,
        total_tok_s=summary.output_tok_s,
        stable=summary.stable and not disturbed,
        tok_s_per_user_high=summary.tok_s_per_user.high,
        ttft_low_ms=summary.ttft_ms.low,
        disturbed=disturbed,
        tok_s_per_user_low=summary.tok_s_per_user.low,
        ttft_high_ms=summary.ttft_ms.high,
    )


def _competed(point: Point) -> bool:
    """Whether something else had so much of the machine that the point bears a mark for it."""
    others, lag = point.cpu_percent_others or 0.0, point.client_lag_p99_ms or 0.0
    return others > BUSY_LIMIT or lag > LAG_LIMIT_MS


class DocumentEvidence:
    """Evidence from result documents at hand, such as files on the command line."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        newest = sorted(measurements, key=lambda m: m.measured_at, reverse=True)
        self._measurements = tuple(newest)

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        return tuple(
            m
            for m in self._measurements
            if m.hardware == hardware
            and (device is None or m.device == device)
            and (model is None or m.model == model)
        )

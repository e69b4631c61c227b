"""A stored result in the forms that look-ups and the decision need."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from benchruns.host.document import Point, ResultDocument
from benchruns.machines import device_id, in_words
from benchruns.models import Host, Result
from recommender.evidence import MeasuredPoint, Measurement


def denormalised(document: ResultDocument, host: Host) -> dict[str, Any]:
    """Columns of `Result` beside the document itself."""
    measurement = measured(document, host=host.name, url="")
    return {
        "measurement": _as_json(measurement),
        "engine": document.engine.id[:120],
        "model": document.model.id[:120],
        "quant": document.model.quant[:120],
        "hardware": document.host.hardware,
        "device": measurement.device or "",
        # A host whose clock is ahead must not stay the newest for ever.
        "measured_at": min(document.finished_at, timezone.now()),
    }


def _as_json(measurement: Measurement) -> dict[str, Any]:
    return asdict(measurement) | {"measured_at": measurement.measured_at.isoformat()}


def measurement(result: Result, host: str) -> Measurement:
    """What was stored by `denormalised`, under the host's name of today."""
    kept = dict(result.measurement)
    points = tuple(MeasuredPoint(**point) for point in kept.pop("points"))
    kept |= {
        "measured_at": datetime.fromisoformat(kept["measured_at"]),
        "host": host,
        "url": f"/runs/{result.run_id}/",
    }
    return Measurement(**kept, points=points)


def measured(document: ResultDocument, *, host: str, url: str) -> Measurement:
    return Measurement(
        engine=document.engine.id,
        model=document.model.id,
        quant=document.model.quant,
        hardware=document.host.hardware,
        device=device_id(document.host),
        machine=in_words(document.host),
        host=host,
        engine_version=document.engine.version,
        variant=document.plan.variant,
        prompt_tokens=document.plan.prompt_tokens,
        output_tokens=document.plan.output_tokens,
        synthetic_weights=document.model.synthetic,
        measured_at=document.finished_at,
        url=url,
        points=tuple(_point(point) for point in document.points),
    )


def _point(point: Point) -> MeasuredPoint:
    summary = point.summary
    return MeasuredPoint(
        clients=point.clients,
        ttft_p50_ms=summary.ttft_ms.p50,
        ttft_p95_ms=summary.ttft_ms.p95,
        tok_s_per_user_p50=summary.tok_s_per_user.p50,
        tok_s_per_user_p5=summary.tok_s_per_user.p5,
        total_tok_s=summary.output_tok_s,
        stable=summary.stable,
    )

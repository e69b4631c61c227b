"""A stored result in the forms that look-ups and the decision need."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from benchruns.host.document import ResultDocument
from benchruns.host.measurement import measurement as measured
from benchruns.models import Host, Result
from benchruns.same import fingerprint, work
from benchruns.storable import without_nul
from recommender.evidence import MeasuredPoint, Measurement


def denormalised(document: ResultDocument, host: Host) -> dict[str, Any]:
    """Columns of `Result`: the document itself, and what look-ups need beside it."""
    measurement = measured(document, host=host.name, url="")
    sent = without_nul(document.model_dump(mode="json"))
    summary = without_nul(_as_json(measurement))
    return {
        "document": sent,
        "fingerprint": fingerprint(sent),
        "work": work(summary),
        "measurement": summary,
        "engine": document.engine.id[:120],
        "model": document.model.id[:120],
        "quant": document.model.quant[:120],
        "hardware": measurement.hardware,
        "device": measurement.device or "",
        # A host whose clock is ahead must not stay the newest for ever.
        "measured_at": min(document.finished_at, timezone.now()),
    }


def _as_json(measurement: Measurement) -> dict[str, Any]:
    return asdict(measurement) | {"measured_at": measurement.measured_at.isoformat()}


def measurement(result: Result, host: str, *, bears: bool = True, own: bool = False) -> Measurement:
    """What was stored by `denormalised`, under the host's name of today, as it stands today.

    `bears`: whether it may decide for whoever asks; `own`: because they trust the machine.
    """
    kept = dict(result.measurement)
    points = tuple(MeasuredPoint(**point) for point in kept.pop("points"))
    kept |= {
        "measured_at": datetime.fromisoformat(kept["measured_at"]),
        "host": host,
        "host_id": result.run.host_id or 0,
        "url": f"/runs/{result.run_id}/",
        "tier": result.tier,
        "disputed": result.disputed,
        "bears": bears,
        "own": own,
        "visibility": result.visibility,
        "uploaded": result.uploaded_at is not None,
    }
    return Measurement(**kept, points=points)

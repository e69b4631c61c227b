"""Measurements of this site's hosts, as the decision reads them."""

from __future__ import annotations

from typing import Final

from benchruns.models import Result
from benchruns.summaries import measurement
from recommender.evidence import Measurement

MOST: Final = 200


class DatabaseEvidence:
    """Public results that were not refused, of hosts that are still trusted. One query."""

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        if hardware is None:
            return ()
        results = Result.objects.filter(
            hardware=hardware, public=True, refused="", run__host__revoked_at=None
        ).exclude(run__host=None)
        if device is not None:
            results = results.filter(device=device)
        if model is not None:
            results = results.filter(model=model)
        newest = results.select_related("run__host").defer("document").order_by("-measured_at")
        return tuple(measurement(result, _host_name(result)) for result in newest[:MOST])


def _host_name(result: Result) -> str:
    return result.run.host.name if result.run.host else ""

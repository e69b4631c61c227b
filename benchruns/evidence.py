"""Measurements of this site's hosts, as the decision reads them."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Window
from django.db.models.expressions import BaseExpression
from django.db.models.fields.json import KT
from django.db.models.functions import RowNumber

from benchruns.models import Result
from benchruns.summaries import measurement
from recommender.evidence import Measurement

MOST: Final = 1000
_VARIANT, _PROMPT, _OUTPUT = (
    KT(f"measurement__{name}") for name in ("variant", "prompt_tokens", "output_tokens")
)
_KINDS: Final = ("run__host", "engine", "model", "quant", "hardware", "device")
"""With the variant and the tokens: what one figure is of. The newest of each kind is told."""


class DatabaseEvidence:
    """Public results with a point no guard refused, of hosts still trusted. One query.

    Measuring one thing often does not push out what else was measured long ago.
    """

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
        # Else one spoilt measurement would hide the good one before it.
        results = results.exclude(measurement__points=[])
        newest = results.annotate(turn=_turn()).filter(turn=1).order_by("-measured_at")
        told = newest.select_related("run__host").defer("document")[:MOST]
        return tuple(measurement(result, _host_name(result)) for result in told)


def _turn() -> Window:
    """1 for the newest result of its kind."""
    kinds: list[BaseExpression | F | str] = [*map(F, _KINDS), _VARIANT, _PROMPT, _OUTPUT]
    return Window(RowNumber(), partition_by=kinds, order_by=F("measured_at").desc())


def _host_name(result: Result) -> str:
    return result.run.host.name if result.run.host else ""

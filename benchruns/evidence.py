"""Measurements of this site's hosts, as the decision reads them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Final

from django.db.models import F, Window
from django.db.models.expressions import BaseExpression
from django.db.models.fields.json import KT
from django.db.models.functions import RowNumber
from django.http import HttpRequest

from benchruns.models import Host, Result, Visibility
from benchruns.models.teams import EMBEDDED_SLUG, NOBODY, Person, teams_of
from benchruns.permits import person
from benchruns.summaries import measurement
from recommender.evidence import Measurement

MOST: Final = 1000
_VARIANT, _PROMPT, _OUTPUT = (
    KT(f"measurement__{name}") for name in ("variant", "prompt_tokens", "output_tokens")
)
_KINDS: Final = ("run__host", "engine", "model", "quant", "hardware", "device")
"""With the variant and the tokens: what one figure is of. The newest of each kind is told."""


def evidence_for(request: HttpRequest) -> DatabaseEvidence:
    """What whoever asks may see."""
    return DatabaseEvidence(person(request))


class DatabaseEvidence:
    """Results with a point no guard refused, of hosts still attached. One query, for members two.

    Everybody's recommendations rest on public ones; a signed-in member's also on what their teams
    keep to themselves. Measuring one thing often does not push out what else was measured long ago.

    Which of them may decide (ADR 0015): what this site had measured on a host of its own team or of
    one's own team, whatever was measured on the very machine the site runs on, and what others bear
    out (`Result.backed`). All else is shown and decides nothing.
    """

    def __init__(self, person: Person = NOBODY) -> None:
        self._person = person
        self.told_hidden = False  # whether anything told so far is not public

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        if hardware is None:
            return ()
        results = Result.objects.visible_to(self._person).filter(
            hardware=hardware, refused="", run__host__revoked_at=None
        )
        results = results.exclude(run__host=None)
        if device is not None:
            results = results.filter(device=device)
        if model is not None:
            results = results.filter(model=model)
        # Else one spoilt measurement would hide the good one before it.
        results = results.exclude(measurement__points=[])
        newest = results.annotate(turn=_turn()).filter(turn=1).order_by("-measured_at")
        told = newest.select_related("run__host__team").defer("document")[:MOST]
        return tuple(self._told(result, result.run.host) for result in told if result.run.host)

    def _told(self, result: Result, host: Host) -> Measurement:
        self.told_hidden |= result.visibility != Visibility.PUBLIC
        return measurement(result, host.name, bears=self.counts(result, host))

    def counts(self, result: Result, host: Host) -> bool:
        """Whether it may decide for whoever asks."""
        return result.backed or self._trusts(result, host)

    def _trusts(self, result: Result, host: Host) -> bool:
        """An owner trusts their own machines, but a file only from this very one."""
        own = host.team.slug == EMBEDDED_SLUG or host.team_id in self._teams
        return own and (result.uploaded_at is None or host.local)

    @cached_property
    def _teams(self) -> Collection[int]:
        return frozenset(teams_of(self._person).values_list("pk", flat=True))


def _turn() -> Window:
    """1 for the newest result of its kind."""
    kinds: list[BaseExpression | F | str] = [*map(F, _KINDS), _VARIANT, _PROMPT, _OUTPUT]
    return Window(RowNumber(), partition_by=kinds, order_by=F("measured_at").desc())

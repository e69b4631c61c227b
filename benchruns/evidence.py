"""Measurements of this site's hosts, as the decision reads them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Final

from django.db.models import Case, F, Q, QuerySet, Value, When, Window
from django.db.models.expressions import BaseExpression, OrderBy
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
"""With the variant and the tokens: what one figure is of."""

# How much a result counts for whoever asks.
SHOWN, BACKED, OWN = range(3)


def evidence_for(request: HttpRequest) -> DatabaseEvidence:
    """What whoever asks may see."""
    return DatabaseEvidence(person(request))


class DatabaseEvidence:
    """Results with a point no guard refused, of hosts still attached. One query, for members two.

    Everybody's recommendations rest on public ones; a signed-in member's also on what their teams
    keep to themselves. Measuring one thing often does not push out what else was measured long ago.
    Of each kind the newest that may decide is told, one's own first; and what is newer and may not.

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
        told = self._chosen(results).select_related("run__host__team").defer("document")[:MOST]
        newest = sorted(told, key=lambda result: result.measured_at, reverse=True)
        return tuple(self._told(result, result.run.host) for result in newest if result.run.host)

    def _chosen(self, results: QuerySet[Result]) -> QuerySet[Result]:
        """What decides first: a flood of what does not would cut it off."""
        newest = F("measured_at").desc()
        ranked = results.annotate(
            weight=self._weight(), turn=_turn(newest), best=_turn(F("weight").desc(), newest)
        )
        told = ranked.filter(Q(best=1) | Q(turn=1, weight=SHOWN))
        return told.order_by("-weight", "-measured_at")

    def _weight(self) -> Case:
        """As `counts` has it, for the database."""
        own = Q(run__host__team__slug=EMBEDDED_SLUG) | Q(run__host__team__in=self._teams)
        watched = Q(uploaded_at=None) | Q(run__host__local=True)
        return Case(
            When(own & watched, then=Value(OWN)),
            When(backed=True, then=Value(BACKED)),
            default=Value(SHOWN),
        )

    def _told(self, result: Result, host: Host) -> Measurement:
        self.told_hidden |= result.visibility != Visibility.PUBLIC
        own = self._trusts(result, host)
        return measurement(result, host.name, bears=own or result.backed, own=own)

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


def _turn(*order: OrderBy) -> Window:
    """1 for the first of its kind in that order."""
    kinds: list[BaseExpression | F | str] = [*map(F, _KINDS), _VARIANT, _PROMPT, _OUTPUT]
    return Window(RowNumber(), partition_by=kinds, order_by=order)

"""What a host's owner accepts, as the host last told: asked before a run is queued and offered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.db.models import Q, QuerySet

from benchruns.host.accepts import Accepts, source_of
from benchruns.host.limits import weights_gib
from benchruns.host.plan import Plan
from benchruns.models import Host, Run
from benchruns.models.runs import Kind


def accepts_of(host: Host) -> Accepts | None:
    """None of a host that never said: it decides when it is given a run."""
    return Accepts.model_validate(host.accepts) if host.accepts else None


def refusal(host: Host, plan: Plan) -> str | None:
    """Why this host would refuse the plan at any hour; None where it would not."""
    accepts = accepts_of(host)
    if accepts is None:
        return None
    return accepts.refusal(plan, _weights_gib(plan.model, plan.quant))


def only(host: Host, runs: QuerySet[Run]) -> QuerySet[Run]:
    """Those of the runs that it would not refuse now."""
    accepts = accepts_of(host)
    if accepts is None:
        return runs
    if not accepts.open:
        return runs.none()
    short = Q(plan__time_limit_s__lte=accepts.most_minutes * 60)
    runs = runs.filter(short | Q(kind=Kind.INSTALL))
    for model, quant in _unfit(accepts, runs):
        runs = runs.exclude(kind=Kind.MEASURE, model=model, quant=quant)
    return runs


def _unfit(accepts: Accepts, runs: QuerySet[Run]) -> Iterator[tuple[str, str]]:
    """Models in the queue whose weights it does not load, or not from there."""
    asked = runs.filter(kind=Kind.MEASURE).order_by().values_list("model", "quant").distinct()
    for model, quant in asked:
        gib = _weights_gib(model, quant)
        too_large = gib is not None and gib > accepts.most_weights_gib
        if too_large or source_of(model) not in accepts.models:
            yield model, quant


@lru_cache(maxsize=2048)
def _weights_gib(model: str, quant: str) -> float | None:
    """Worked out once: the queue is looked at with every claim."""
    return weights_gib(model, quant)

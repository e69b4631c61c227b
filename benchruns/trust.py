"""How far each stored result is borne out by others of the same work: worked out when one comes,
goes or is shared, and kept in its row, so that whoever reads evidence computes nothing.

What a result may be borne out by is what those who see it may see: a public one by public ones
alone, one of a team also by that team's. The rule itself is `recommender/trust.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from benchruns.models import Host, Result, Visibility
from benchruns.summaries import measurement
from recommender.trust import Standing, Tier, Witness, standing

MOST: Final = 50
"""Of one work the newest results take part: enough to know, few enough to compare each."""

NOTHING: Final = {"tier": Tier.UNVERIFIED, "backed": False, "disputed": False}


@dataclass(frozen=True, slots=True)
class _Known:
    result: Result
    witness: Witness


def settle(work: str) -> int:
    """How many results of that work stand otherwise now. One query, and a write if any do; where
    there are more than take part, another for those."""
    known = [known for result in _taking_part(work) if (known := _known(result)) is not None]
    changed = [one.result for one in known if _put(one.result, _stands(one, known))]
    Result.objects.bulk_update(changed, ["tier", "backed", "disputed"])
    return len(changed) + _let_go(work, known)


def _let_go(work: str, known: Sequence[_Known]) -> int:
    """Nobody asks any more what bears those out that are too old to take part: whoever did may
    have left since, so they no longer decide. How many that is."""
    if len(known) < MOST:
        return 0
    old = Result.objects.filter(work=work, backed=True)
    old = old.filter(measured_at__lte=known[-1].result.measured_at)
    return old.exclude(pk__in=[one.result.pk for one in known]).update(**NOTHING)


def settle_all() -> int:
    """Of every work there is: mends what a crash between storing and settling left."""
    works = Result.objects.exclude(work="").values_list("work", flat=True).distinct().order_by()
    return sum(settle(work) for work in works)


def host_left(host: Host) -> None:
    """Its results bear nothing out any more and stay as history."""
    theirs = Result.objects.filter(run__host=host)
    theirs.update(**NOTHING)
    works = set(theirs.exclude(work="").values_list("work", flat=True))
    shared = Result.objects.filter(work__in=works).exclude(run__host=host)
    for work in shared.values_list("work", flat=True).distinct().order_by():
        settle(work)


def _taking_part(work: str) -> QuerySet[Result]:
    results = Result.objects.filter(work=work, refused="", run__host__revoked_at=None)
    results = results.exclude(run__host=None).exclude(measurement__points=[])
    newest = results.select_related("run__host").defer("document").order_by("-measured_at")
    return newest[: MOST if work else 0]


def _known(result: Result) -> _Known | None:
    host = result.run.host
    if host is None:
        return None
    found = measurement(result, host.name)
    return _Known(result, Witness(found, host.pk, host.team_id, result.fingerprint))


def _stands(one: _Known, known: Iterable[_Known]) -> Standing:
    others = (o.witness for o in known if o is not one and _may_speak(o.result, one.result))
    return standing(one.witness, others)


def _may_speak(witness: Result, of: Result) -> bool:
    """Nobody learns from what stands beside a result that a hidden one is there."""
    if witness.visibility == Visibility.PUBLIC:
        return True
    if of.visibility == Visibility.PUBLIC or witness.run.team_id != of.run.team_id:
        return False
    asked = witness.run.asked_by_id
    mine = asked is not None and asked == of.run.asked_by_id and of.visibility == "private"
    return witness.visibility == Visibility.TEAM or mine


def _put(result: Result, stands: Standing) -> bool:
    """Whether that was news."""
    before = result.tier, result.backed, result.disputed
    result.tier, result.backed, result.disputed = stands.tier, stands.backed, stands.disputed
    return before != (result.tier, result.backed, result.disputed)

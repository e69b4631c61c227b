"""Which measurements somebody wants to see side by side, and may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from benchruns.comparing.arms import Shown
from benchruns.host.document import ResultDocument
from benchruns.models import Result, Run
from benchruns.models.teams import NOBODY, Person
from benchruns.seeing import seen_by
from benchruns.services import visible_runs

MOST: Final = 24
OFFERED: Final = 60


class Unreadable(Exception):
    """Why these cannot be compared, with the HTTP status that fits."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """`shown` can be compared; `waiting` are not over yet; `lost` ended without a result."""

    ids: tuple[UUID, ...]
    shown: tuple[Shown, ...]
    waiting: tuple[Run, ...]
    lost: tuple[Run, ...]


def asked(given: Iterable[str]) -> tuple[UUID, ...]:
    """`results=<id>,<id>` once or often, each id once. Raises Unreadable."""
    words = [word for text in given for word in text.split(",") if word]
    ids = tuple(dict.fromkeys(_id(word.strip()) for word in words))
    if len(ids) > MOST:
        raise Unreadable(400, f"results: {len(ids)} are too many to compare; {MOST} are the most.")
    return ids


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise Unreadable(400, f"results: {word[:80]!r} is not the id of a measurement.") from None


def find(ids: tuple[UUID, ...], requester: str, person: Person = NOBODY) -> Found:
    """In the order asked for. Raises Unreadable for what is not there or not for these eyes."""
    runs = Run.objects.filter(pk__in=ids).select_related("host", "wanted_host", "result")
    known = {run.pk: run for run in seen_by(requester, runs, person)}
    missing = next((id_ for id_ in ids if id_ not in known), None)
    if missing is not None:
        raise Unreadable(404, f"results: there is no measurement {missing}.")
    wanted = [known[id_] for id_ in ids]
    over = [run for run in wanted if run.is_over]
    return Found(
        ids,
        tuple(_shown(run, result) for run in over if (result := usable(run)) is not None),
        tuple(run for run in wanted if not run.is_over),
        tuple(run for run in over if usable(run) is None),
    )


def usable(run: Run) -> Result | None:
    """What was refused counts for nothing, here as elsewhere."""
    result: Result | None = getattr(run, "result", None)
    return result if result is not None and not result.refused else None


def shown(run: Run) -> Shown | None:
    """One measurement by itself; None where nothing of it counts."""
    result = usable(run)
    return _shown(run, result) if result is not None else None


def _shown(run: Run, result: Result) -> Shown:
    host = run.host.name if run.host else "a machine that is gone"
    document = ResultDocument.model_validate(result.document)
    uploaded = result.uploaded_at is not None
    stands = result.tier, result.disputed
    return Shown(str(run.pk), host, document, uploaded, *stands, host_id=run.host_id or 0)


def offered(host_id: int | None = None, person: Person = NOBODY) -> QuerySet[Result]:
    """What they may choose from, newest first."""
    results = Result.objects.visible_to(person).filter(refused="", run__in=visible_runs(person))
    if host_id is not None:
        results = results.filter(run__host_id=host_id)
    return results.select_related("run__host").defer("document").order_by("-measured_at")[:OFFERED]

"""How a run ends: failed, cancelled, or with a result that is stored exactly once."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from benchruns import metered, trust
from benchruns.claims import NotHeld, held, own
from benchruns.clocks import told
from benchruns.host.document import ResultDocument
from benchruns.host.local import for_strangers
from benchruns.live import news
from benchruns.models import Host, Result, Run
from benchruns.models.runs import LOG_CHARACTERS, Kind
from benchruns.plausible import objections
from benchruns.sentences import sentence
from benchruns.sharing import decided
from benchruns.states import State, advance
from benchruns.summaries import denormalised


class DocumentRefused(Exception):
    """The document is no answer to this run; the text says why."""


def fail(run: UUID, host: Host, attempt: int, reason: str, log: str = "") -> None:
    """Ends the run in plain words, or as cancelled where somebody had asked for that."""
    own(run, host, attempt)
    runs = held(run, host, attempt)
    # A host of an earlier release sends both as they were.
    reason, log = for_strangers(reason), for_strangers(log)
    ending = {"lease_until": None, "finished_at": timezone.now(), "log": log[-LOG_CHARACTERS:]}
    stopped = advance(runs.filter(cancel_requested=True), State.CANCELLED, **ending)
    if not stopped and not advance(runs, State.FAILED, reason=reason[:2000], **ending):
        raise NotHeld
    news.run_moved(run, host)


def cancelled(run: UUID, host: Host, attempt: int) -> None:
    """The host stopped, as it had been asked."""
    own(run, host, attempt)
    ending = {"lease_until": None, "finished_at": timezone.now()}
    if not advance(held(run, host, attempt), State.CANCELLED, **ending):
        raise NotHeld
    news.run_moved(run, host)


def installed(run: UUID, host: Host, attempt: int) -> None:
    """The engine is there. A repeat changes nothing and gets the same answer. Raises NotHeld."""
    row = Run.objects.filter(pk=run, host=host, attempt=attempt, kind=Kind.INSTALL).first()
    if row is None:
        raise NotHeld
    if row.state == State.DONE:
        return
    own(run, host, attempt)
    ending = {"lease_until": None, "finished_at": timezone.now(), "fraction": 1.0}
    if not advance(held(run, host, attempt), State.DONE, **ending):
        raise NotHeld
    news.run_moved(run, host)


def request_cancel(run: Run) -> None:
    """Ends a waiting run at once; a held one with the host's next heartbeat."""
    _ask_to_end(run)
    news.run_waits(run)


def _ask_to_end(run: Run) -> None:
    runs = Run.objects.filter(pk=run.pk)
    if advance(runs.filter(state=State.QUEUED), State.CANCELLED, finished_at=timezone.now()):
        return
    runs.filter(finished_at=None).update(cancel_requested=True)
    # A release in between put it back: then nobody else would ever cancel it.
    advance(runs.filter(state=State.QUEUED), State.CANCELLED, finished_at=timezone.now())


def finish(run: UUID, host: Host, attempt: int, document: dict[str, Any]) -> None:
    """Stores the result of that attempt. A repeat changes nothing and gets the same answer.

    A result that comes after a wish to cancel wins: the wish was to spare the machine the work,
    and that work is done. A failure does not: it ends as the cancellation that was asked for.
    Raises NotHeld, or DocumentRefused with the reason; a refused document ends the run as failed.
    """
    row = Run.objects.filter(pk=run, host=host, attempt=attempt, kind=Kind.MEASURE).first()
    if row is None:
        raise NotHeld
    if row.is_over:
        return _repeated(row)
    own(run, host, attempt)
    parsed = _parsed(row, host, attempt, document)
    if problems := objections(row.what, parsed):
        return _refuse(row, host, parsed, " ".join(problems))
    if not _store(row, host, parsed, State.DONE):
        raise NotHeld
    trust.settle(Result.objects.values_list("work", flat=True).get(run=row))
    return None


def _repeated(row: Run) -> None:
    """The answer to the first time may have been lost on the road."""
    result = Result.objects.filter(run=row).only("refused").first()
    if result is None:
        raise NotHeld
    if result.refused:
        raise DocumentRefused(result.refused)


def _parsed(row: Run, host: Host, attempt: int, document: dict[str, Any]) -> ResultDocument:
    try:
        # NaN and infinity are no JSON: a database that checks would raise later.
        parsed = ResultDocument.model_validate_json(json.dumps(document, allow_nan=False))
        times = {"started_at": told(parsed.started_at), "finished_at": told(parsed.finished_at)}
        return parsed.model_copy(update=times)
    except (ValidationError, ValueError) as error:
        what = sentence(error) if isinstance(error, ValidationError) else f"{error}."
        reason = f"The result document does not validate: {what}"
        fail(row.pk, host, attempt, reason)
        raise DocumentRefused(reason) from error


def _refuse(row: Run, host: Host, document: ResultDocument, why: str) -> None:
    reason = f"The result was refused: {why}"
    if not _store(row, host, document, State.FAILED, refused=reason):
        raise NotHeld
    raise DocumentRefused(reason)


@transaction.atomic
def _store(
    row: Run, host: Host, document: ResultDocument, state: State, *, refused: str = ""
) -> int:
    now = timezone.now()
    changed = advance(
        held(row.pk, host, row.attempt),
        state,
        lease_until=None,
        finished_at=now,
        fraction=1.0,
        reason=refused,
    )
    if changed:
        Result.objects.create(
            run=row,
            refused=refused,
            visibility=decided(row, host),
            **denormalised(document, host),
        )
        _metered(row, now, refused=bool(refused))
        news.run_moved(row.pk, host)
    return changed


def _metered(row: Run, now: datetime, *, refused: bool) -> None:
    metered.count("results:refused" if refused else "results:stored")
    if row.claimed_at is not None:
        metered.lasted(max(0.0, (now - row.claimed_at).total_seconds()))

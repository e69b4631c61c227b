"""Result documents that the owner of an attached machine brings as files.

They pass what every result passes (`plausible`, the physical ceiling), and say for ever that they
were uploaded: no plan of this site was given out for them, no lease kept, no progress watched.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from benchruns import audit, trust
from benchruns.clocks import told
from benchruns.host.compare.files import NotOne, documents_in
from benchruns.host.document import HostFacts, ResultDocument
from benchruns.models import Host, Result, Run
from benchruns.models.teams import Person
from benchruns.plausible import objections
from benchruns.same import fingerprint
from benchruns.sentences import sentence
from benchruns.sharing import decided
from benchruns.states import State
from benchruns.storable import without_nul
from benchruns.summaries import denormalised

NOTE: Final = "Measured without this site and uploaded by the machine's owner."
FIRST: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""Before that there was no RigGuide that could have measured anything."""

AHEAD: Final = timedelta(days=1)
"""By which a clock may be ahead, or in another time zone than it thinks."""

_CARDS: Final = 3  # where in what `machine` says the accelerators begin
_SPACE: Final = UUID("5b0d9c5e-3f0f-4c52-9a65-6a8f0f0e0c11")


class UploadRefused(Exception):
    """Why a file is no result of that machine, in a sentence."""


def upload(host: Host, given: dict[str, Any], by: Person | None = None) -> Run:
    """The run that the document became; the same document again changes nothing. `by`: who brought
    it, where that was not the host itself.

    Raises UploadRefused.
    """
    document = _parsed(given)
    _check_machine(host, document)
    problems = [*_clock(document), *objections(document.plan, document)]
    if problems:
        raise UploadRefused(f"The result was refused: {' '.join(problems)}")
    run = _store(host, document, by)
    trust.settle(run.result.work)
    return run


@transaction.atomic
def upload_file(host: Host, text: bytes, by: Person | None = None) -> list[Run]:
    """A result document, or a comparison's with those of all its rounds: all of it or nothing.
    `by`: who brought it, where that was not the host itself.

    Raises UploadRefused.
    """
    if len(text) > settings.RESULT_MAX_BYTES:
        most = settings.RESULT_MAX_BYTES // 2**20
        raise UploadRefused(f"The file is larger than {most} MiB, which is the most this takes.")
    try:
        documents = documents_in(text)
    except NotOne as error:
        raise UploadRefused(str(error)) from error
    return [upload(host, document, by) for document in documents]


def _parsed(given: dict[str, Any]) -> ResultDocument:
    try:
        # NaN and infinity are no JSON: a database that checks would raise later.
        parsed = ResultDocument.model_validate_json(json.dumps(given, allow_nan=False))
        times = {"started_at": told(parsed.started_at), "finished_at": told(parsed.finished_at)}
    except ValidationError as error:
        raise UploadRefused(f"The result document does not validate: {sentence(error)}") from error
    except (ValueError, RecursionError) as error:
        raise UploadRefused(f"The file is no result document: {error}.") from error
    return parsed.model_copy(update=times)


def _check_machine(host: Host, document: ResultDocument) -> None:
    """A machine uploads what was measured on it."""
    if document.engine.id == "endpoint":
        raise UploadRefused(
            "It measured a server that already ran, so nobody knows on which machine."
        )
    mine, theirs = machine(host.machine), machine(document.host)
    if not _may_be(host.machine, document.host):
        raise UploadRefused(
            f"It was measured on another machine than {host.name}: {', '.join(theirs)} instead of "
            f"{', '.join(mine)}."
        )


def _clock(document: ResultDocument) -> Iterator[str]:
    """No run of this site says when it was: the document alone does."""
    begun, ended = document.started_at, document.finished_at
    if ended > timezone.now() + AHEAD:
        yield f"It ended on {ended:%Y-%m-%d}, which has not come yet: set that machine's clock."
    if begun < FIRST:
        yield f"It began on {begun:%Y-%m-%d}, before RigGuide measured: set that machine's clock."


def _may_be(whole: HostFacts, measured: HostFacts) -> bool:
    """A machine with several accelerators may measure on some of them, which is all that the
    document then knows of."""
    same = machine(whole)[:_CARDS] == machine(measured)[:_CARDS]
    fewer = Counter(machine(measured)[_CARDS:]) <= Counter(machine(whole)[_CARDS:])
    return same and fewer and (bool(measured.accelerators) or not whole.accelerators)


def machine(facts: HostFacts) -> list[str]:
    """What of a machine stays while drivers, disks and temperatures change."""
    cards = sorted(accelerator.name for accelerator in facts.accelerators)
    return [facts.cpu, f"{facts.cores_logical} cores", facts.arch, *cards]


@transaction.atomic
def _store(host: Host, document: ResultDocument, by: Person | None) -> Run:
    kept: dict[str, Any] = without_nul(document.model_dump(mode="json"))
    run, created = Run.objects.get_or_create(pk=_id(host, kept), defaults=_run(host, document, by))
    if created:
        _check_new(kept)
        Result.objects.create(
            run=run,
            visibility=decided(run, host),
            uploaded_at=timezone.now(),
            **denormalised(document, host),
        )
        audit.record(by or f"host {host.name}", host.team, "result.uploaded", run.pk)
    return run


def _check_new(document: dict[str, Any]) -> None:
    """The same samples under another date or from another machine are a copy."""
    samples = fingerprint(document)
    if samples and Result.objects.filter(fingerprint=samples, refused="").exists():
        raise UploadRefused(
            "Its raw samples are those of a measurement that is already here: a copy of a result "
            "is no second one."
        )


def _id(host: Host, document: dict[str, Any]) -> UUID:
    """The same for the same document of the same machine."""
    text = json.dumps(document, sort_keys=True).encode()
    return uuid5(_SPACE, f"{host.pk} {hashlib.sha256(text).hexdigest()}")


def _run(host: Host, document: ResultDocument, by: Person | None) -> dict[str, Any]:
    now = timezone.now()
    return {
        "team": host.team,
        "host": host,
        "wanted_host": host,
        "state": State.DONE,
        "plan": document.plan.model_dump(mode="json"),
        "engine": document.plan.engine,
        "model": document.plan.model,
        "quant": document.plan.quant,
        "note": NOTE,
        "by_visitor": False,
        "asked_by": by if by is not None and by.is_authenticated else None,
        "fraction": 1.0,
        "requested_at": min(document.started_at, now),
        "claimed_at": min(document.started_at, now),
        "finished_at": min(document.finished_at, now),
    }

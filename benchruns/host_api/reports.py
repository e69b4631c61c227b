"""What a host says of a run it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.conf import settings

from benchruns import claims, outcomes, progress
from benchruns.host_api.bodies import Beat, Events, Failure, Finished, Held
from benchruns.host_api.edge import Answer, Refusal, host_call
from benchruns.models import Host

LOG_CAP: Final = 1024 * 1024


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except claims.NotHeld as error:
        raise Refusal(
            409, "This run is not, or no longer, yours with that attempt: stop working on it."
        ) from error
    except outcomes.DocumentRefused as error:
        raise Refusal(422, str(error)) from error


@host_call(Beat)
def heartbeat(host: Host, body: Beat, run: UUID) -> Answer:
    with _refusing():
        cancel = claims.heartbeat(run, host, body.attempt, body.vitals)
    return 200, {"cancel": cancel, "lease_s": settings.RUN_LEASE_S}


@host_call(Events)
def events(host: Host, body: Events, run: UUID) -> Answer:
    with _refusing():
        return 200, {"cancel": progress.record(run, host, body.attempt, body.events)}


@host_call(Held)
def release(host: Host, body: Held, run: UUID) -> Answer:
    with _refusing():
        claims.release(run, host, body.attempt)
    return 200, {}


@host_call(Failure, cap=LOG_CAP)
def failure(host: Host, body: Failure, run: UUID) -> Answer:
    with _refusing():
        outcomes.fail(run, host, body.attempt, body.reason, body.log)
    return 200, {}


@host_call(Held)
def cancelled(host: Host, body: Held, run: UUID) -> Answer:
    with _refusing():
        outcomes.cancelled(run, host, body.attempt)
    return 200, {}


@host_call(Held)
def installed(host: Host, body: Held, run: UUID) -> Answer:
    with _refusing():
        outcomes.installed(run, host, body.attempt)
    return 200, {}


@host_call(Finished, cap=settings.RESULT_MAX_BYTES)
def result(host: Host, body: Finished, run: UUID) -> Answer:
    with _refusing():
        outcomes.finish(run, host, body.attempt, body.document)
    return 200, {}

"""`claim`: a long poll that holds neither a database connection nor a lock while it waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from benchruns import claims, host_life, wake
from benchruns.host_api.bodies import Claim
from benchruns.host_api.edge import SMALL, Refusal, authenticate, only_post, parse, read, spoken
from benchruns.host_api.seen import misunderstood, seen
from benchruns.models import Host, Run

LOOK_AGAIN_S: Final = float(settings.CLAIM_LOOK_S)
"""The safety net under lost wake-ups."""
LOOK_AGAIN_DEAF_S: Final = 2.0
"""The same while there is no broker to wake anybody."""

OTHER_PROTOCOL: Final = 426

END_LEASES_EVERY_S: Final = 2
"""At most, in each process of the site."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """In a run's place: the host is to take a new token first."""


Found = Run | NewToken | None


@csrf_exempt
async def claim(request: HttpRequest) -> HttpResponse:
    try:
        host, body = await sync_to_async(_opening)(request)
        found = await _first(request, host, body)
    except Refusal as refusal:
        return refusal.response()
    if isinstance(found, NewToken):
        return JsonResponse({"run": None, "rotate": True})
    return HttpResponse(status=204) if found is None else JsonResponse({"run": _offer(found)})


def _opening(request: HttpRequest) -> tuple[Host, Claim]:
    only_post(request)
    with _connection_let_go():
        host, raw = authenticate(request), read(request, SMALL)
        try:
            body = parse(Claim, raw)
        except Refusal as refusal:
            if refusal.status == OTHER_PROTOCOL:
                misunderstood(host, spoken(raw), request)
            raise
        seen(host, body, request)
        return host, body


async def _first(request: HttpRequest, host: Host, body: Claim) -> Found:
    """The first run that comes within `wait_s`."""
    if not body.wait_s:
        return await _look(request, body)
    deadline = time.monotonic() + body.wait_s
    async with wake.listening(host.team_id) as bell:
        while True:
            bell.rung.clear()
            run = await _look(request, body)
            left = deadline - time.monotonic()
            if run is not None or left <= 0:
                return run
            pause_s = LOOK_AGAIN_S if bell.connected else LOOK_AGAIN_DEAF_S
            await _ring(bell, min(left, pause_s))


async def _ring(bell: wake.Bell, timeout_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bell.rung.wait(), timeout_s)


async def _look(request: HttpRequest, body: Claim) -> Found:
    """One try. When the host hung up meanwhile, what it would have got goes back."""
    task = asyncio.ensure_future(sync_to_async(_try)(request, body))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        found = await task
        if isinstance(found, Run):
            await sync_to_async(_give_back)(found)
        raise


def _try(request: HttpRequest, body: Claim) -> Found:
    with _connection_let_go():
        upkeep.end_leases()
        # Again each time: a token revoked while its host waits must not be given a run.
        host, installs = authenticate(request), {offer.engine for offer in body.installs}
        if host_life.has_left(host):
            raise Refusal(401, "This machine was detached on the site; what it measured stays.")
        if host.rotate_asked_at is not None and body.rotates:
            return NewToken()
        return claims.claim(host, body.engines, body.protocol, installs)


class _Upkeep:
    """Beside the site's own worker: where that is dead, hosts that ask for work see to leases.

    By the clock that nobody sets: a wall clock set back by an hour must not stop it for an hour.
    """

    next_s = 0.0

    def end_leases(self) -> None:
        now_s = time.monotonic()
        if now_s >= self.next_s:
            self.next_s = now_s + END_LEASES_EVERY_S
            claims.expire_leases()


upkeep = _Upkeep()


def _give_back(run: Run) -> None:
    with _connection_let_go():
        if run.host is not None:
            claims.release(run.pk, run.host, run.attempt)


@contextlib.contextmanager
def _connection_let_go() -> Iterator[None]:
    """Closes this thread's database connection at the end, as Django does after a request."""
    try:
        yield
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()


def _offer(run: Run) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "attempt": run.attempt,
        "lease_s": settings.RUN_LEASE_S,
        "plan": run.plan,
    }

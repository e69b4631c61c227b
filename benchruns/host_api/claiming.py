"""`claim`: a long poll that holds neither a database connection nor a lock while it waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from benchruns import claims, wake
from benchruns.host_api.bodies import Claim
from benchruns.host_api.edge import SMALL, Refusal, authenticate, only_post, parse, read
from benchruns.models import Host, Run

LOOK_AGAIN_S: Final = 10.0
"""The safety net under lost wake-ups."""
LOOK_AGAIN_DEAF_S: Final = 2.0
"""The same while there is no broker to wake anybody."""

END_LEASES_EVERY_S: Final = 2
"""At most, in each process of the site."""


@csrf_exempt
async def claim(request: HttpRequest) -> HttpResponse:
    try:
        host, body = await sync_to_async(_opening)(request)
        run = await _first(request, host, body)
    except Refusal as refusal:
        return refusal.response()
    return HttpResponse(status=204) if run is None else JsonResponse({"run": _offer(run)})


def _opening(request: HttpRequest) -> tuple[Host, Claim]:
    only_post(request)
    with _connection_let_go():
        host = authenticate(request)
        body = parse(Claim, read(request, SMALL))
        _seen(host, body)
        return host, body


def _seen(host: Host, body: Claim) -> None:
    """It is there, speaks this protocol, and these engines it would start."""
    Host.objects.filter(pk=host.pk).update(
        last_seen_at=timezone.now(),
        protocol=body.protocol,
        measures=sorted(set(body.engines)),
        installs=[offer.model_dump() for offer in body.installs],
    )


async def _first(request: HttpRequest, host: Host, body: Claim) -> Run | None:
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


async def _look(request: HttpRequest, body: Claim) -> Run | None:
    """One try. When the host hung up meanwhile, what it would have got goes back."""
    task = asyncio.ensure_future(sync_to_async(_try)(request, body))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        run = await task
        if run is not None:
            await sync_to_async(_give_back)(run)
        raise


def _try(request: HttpRequest, body: Claim) -> Run | None:
    with _connection_let_go():
        _end_leases()
        # Again each time: a token revoked while its host waits must not be given a run.
        host, installs = authenticate(request), {offer.engine for offer in body.installs}
        return claims.claim(host, body.engines, body.protocol, installs)


def _end_leases() -> None:
    """Beside the site's own worker: where that is dead, hosts that ask for work see to it."""
    if cache.add("benchruns.leases", 1, timeout=END_LEASES_EVERY_S):
        claims.expire_leases()


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

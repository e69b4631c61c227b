"""Wakes waiting hosts when a run is queued, through Redis or Valkey.

A wake-up carries no run: it only says "look again". One that is lost costs a claim the time until
its next look at the database, so nothing here raises when the broker is down.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

from benchruns.redis_url import for_redis_py

log = logging.getLogger(__name__)

CHANNEL: Final = "rigguide:queued:"
_RETRY_S: Final = 1.0
_PATIENCE_S: Final = 1.0


@cache
def client(url: str) -> redis.Redis:
    """One for each broker; it waits a second at most."""
    return redis.Redis.from_url(
        for_redis_py(url), socket_timeout=1, socket_connect_timeout=1, health_check_interval=30
    )


def publish(team_id: int) -> None:
    try:
        client(settings.REDIS_URL).publish(f"{CHANNEL}{team_id}", b"1")
    except redis.RedisError as error:
        log.warning("no wake-up sent, hosts will notice a little later: %s", error)


def on_commit(team_id: int) -> None:
    """Wakes the team's hosts once what was written can be read."""
    transaction.on_commit(lambda: publish(team_id))


class _Hub:
    """One subscription per event loop, shared by every waiting claim in it."""

    def __init__(self) -> None:
        self.bells: defaultdict[int, set[Bell]] = defaultdict(set)
        self.task: asyncio.Task[None] | None = None
        self.tried = asyncio.Event()  # to subscribe, well or not
        self.connected = False

    async def add(self, bell: Bell) -> None:
        self.bells[bell.team_id].add(bell)
        if self.task is None:
            self.task = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.tried.wait(), _PATIENCE_S)

    async def remove(self, bell: Bell) -> None:
        self.bells[bell.team_id].discard(bell)
        if not self.bells[bell.team_id]:
            del self.bells[bell.team_id]
        if not self.bells and self.task is not None:
            task, self.task = self.task, None
            self.tried.clear()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._subscribe()
            except (redis.RedisError, OSError) as error:
                log.warning("no wake-ups for now, looking at the database instead: %s", error)
            finally:
                self.connected = False
            self.tried.set()
            await asyncio.sleep(_RETRY_S)

    async def _subscribe(self) -> None:
        broker = redis.asyncio.Redis.from_url(for_redis_py(settings.REDIS_URL))
        async with broker, broker.pubsub() as pubsub:
            await pubsub.psubscribe(f"{CHANNEL}*")
            async for message in pubsub.listen():
                self._heard(message)

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] == "psubscribe":
            self.connected = True
            self.tried.set()
            self._ring_all()  # whatever was said while nobody listened
            return
        team_id = int(message["channel"].decode().removeprefix(CHANNEL))
        for bell in self.bells.get(team_id, ()):
            bell.rung.set()

    def _ring_all(self) -> None:
        for bells in self.bells.values():
            for bell in bells:
                bell.rung.set()


class Bell:
    """Rings when a team's queue may have grown."""

    def __init__(self, hub: _Hub, team_id: int) -> None:
        self._hub = hub
        self.team_id = team_id
        self.rung = asyncio.Event()

    @property
    def connected(self) -> bool:
        """False while there is no broker that could ring it."""
        return self._hub.connected


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, _Hub] = WeakKeyDictionary()


@asynccontextmanager
async def listening(team_id: int) -> AsyncIterator[Bell]:
    """A bell that listens already when it is handed out."""
    hub = _hubs.setdefault(asyncio.get_running_loop(), _Hub())
    bell = Bell(hub, team_id)
    try:
        await hub.add(bell)
        yield bell
    finally:
        await hub.remove(bell)
        if not hub.bells:
            _hubs.pop(asyncio.get_running_loop(), None)

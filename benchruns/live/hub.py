"""Who watches what in this process: one subscription for all, one drawing per change and scene.

A watcher has room for one picture. One that is slow gets the newest and misses those in between,
which is no loss: a picture is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError

from benchruns.connections import let_go
from benchruns.live.news import CHANNEL, News, forget_what_moved
from benchruns.live.picture import Gone, Picture, Scene
from benchruns.redis_url import for_redis_py

log = logging.getLogger(__name__)

MOST_WATCHERS: Final = 5000
"""In one process. Who comes later polls."""
_PATIENCE_S: Final = 1.0
_RETRY_S: Final = 2.0


class Unwatched(Exception):
    """Nothing can be watched here now: there is no broker, or there are too many watchers."""


class Watcher:
    """`picture` is the newest there is; `rung` says that it is another, or that `gone` is set."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.picture: Picture | None = None
        self.gone = False

    def show(self, picture: Picture) -> None:
        self.picture = picture
        self.rung.set()

    def end(self) -> None:
        self.gone = True
        self.rung.set()


class Stage:
    """One scene, drawn whenever there is news of it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.watchers: set[Watcher] = set()
        self.dirty = asyncio.Event()
        self.latest: Picture | None = None
        self.task = asyncio.create_task(self._play())

    def add(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        if self.latest is not None:
            watcher.show(self.latest)
        self.dirty.set()  # it may have changed between the page and the stream

    async def _play(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.scene.refresh_s):
                    await self.dirty.wait()
            self.dirty.clear()
            try:
                self._show(await sync_to_async(self._drawn)())
            except Gone:
                self.end()
                return
            except DatabaseError as error:
                log.warning("a page is not told what changed: %s", error)
            except Exception:  # of a dead stage a page would hear beats and nothing else
                log.exception("a live page cannot be drawn, it polls instead: %s", self.scene)
                self.end()
                return
            await asyncio.sleep(self.scene.pause_s)

    def _drawn(self) -> Picture:
        with let_go():
            return self.scene.drawn()

    def _show(self, picture: Picture) -> None:
        if self.latest is not None and picture.id == self.latest.id:
            return
        self.latest = picture
        for watcher in self.watchers:
            watcher.show(picture)

    def end(self) -> None:
        for watcher in self.watchers:
            watcher.end()


class Hub:
    """One per event loop."""

    def __init__(self) -> None:
        self.stages: dict[Scene, Stage] = {}
        self.task: asyncio.Task[None] | None = None
        self.tried = asyncio.Event()  # to subscribe, well or not
        self.connected = False

    @property
    def watchers(self) -> int:
        return sum(len(stage.watchers) for stage in self.stages.values())

    async def add(self, scene: Scene, watcher: Watcher) -> None:
        if self.watchers >= MOST_WATCHERS:
            raise Unwatched
        if self.task is None:
            self.task = asyncio.create_task(self._listen())
        stage = self.stages.get(scene)
        if stage is None or stage.task.done():
            stage = self.stages[scene] = Stage(scene)
        stage.add(watcher)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.tried.wait(), _PATIENCE_S)
        if not self.connected:
            raise Unwatched

    async def remove(self, scene: Scene, watcher: Watcher) -> None:
        if (stage := self.stages.get(scene)) is not None:
            stage.watchers.discard(watcher)
            if not stage.watchers:
                del self.stages[scene]
                await _ended(stage.task)
        if not self.stages and self.task is not None:
            task, self.task = self.task, None
            self.tried.clear()
            self.connected = False
            await _ended(task)

    async def _listen(self) -> None:
        while True:
            try:
                await self._subscribe()
            except (redis.RedisError, OSError) as error:
                log.warning("no live pages for now, they poll instead: %s", error)
            self.connected = False
            self.tried.set()
            for stage in self.stages.values():
                stage.end()
            await asyncio.sleep(_RETRY_S)

    async def _subscribe(self) -> None:
        client = redis.asyncio.Redis.from_url(for_redis_py(settings.REDIS_URL))
        async with client, client.pubsub() as pubsub:
            await pubsub.psubscribe(f"{CHANNEL}*")
            async for message in pubsub.listen():
                self._heard(message)

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] == "psubscribe":
            self.connected = True
            self.tried.set()
            for stage in self.stages.values():
                stage.dirty.set()  # what came before this, nobody heard
        elif message["type"] == "pmessage":
            self._told(News.read(message["data"]))

    def _told(self, news: News) -> None:
        forget_what_moved(news)
        for scene, stage in self.stages.items():
            if scene.concerned_by(news):
                stage.dirty.set()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """That of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


@asynccontextmanager
async def watching(scene: Scene) -> AsyncIterator[Watcher]:
    """A watcher that is told of everything from now on. Raises Unwatched."""
    here, watcher = hub(), Watcher()
    try:
        await here.add(scene, watcher)
        yield watcher
    finally:
        await here.remove(scene, watcher)
        if not here.stages:
            _hubs.pop(asyncio.get_running_loop(), None)

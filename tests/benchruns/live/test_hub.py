"""Stages and their watchers, without a server: what is drawn, and when one is told to go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from benchruns.live import hub as hubs
from benchruns.live.hub import Hub, Stage, Watcher
from benchruns.live.news import News
from benchruns.live.picture import Picture

pytestmark = pytest.mark.django_db(transaction=True)


class Pictures:
    """A scene that shows what it is given, one after another; the last for good."""

    refresh_s, pause_s = 1000.0, 0.0

    def __init__(self, *shown: Callable[[], Picture]) -> None:
        self.shown: Iterator[Callable[[], Picture]] = iter(shown)

    def concerned_by(self, news: News) -> bool:
        del news
        return False

    def drawn(self) -> Picture:
        return next(self.shown)()


def one(text: str) -> Callable[[], Picture]:
    return lambda: Picture("running", {"now": text})


def broken() -> Picture:
    raise KeyError("a column that is not there")


async def shown(watcher: Watcher) -> None:
    async with asyncio.timeout(30):
        await watcher.rung.wait()
    watcher.rung.clear()


def test_a_page_that_cannot_be_drawn_is_told_to_poll_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> Watcher:
        stage, watcher = Stage(Pictures(broken)), Watcher()
        stage.add(watcher)
        await shown(watcher)
        async with asyncio.timeout(30):
            await stage.task
        return watcher

    assert asyncio.run(story()).gone
    [told] = [record for record in caplog.records if record.exc_info]
    assert "cannot be drawn" in told.message
    assert told.exc_info is not None
    assert told.exc_info[0] is KeyError


def test_what_changed_before_it_could_hear_of_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first drawing is quicker than the subscription; what comes between has no news."""
    heard = asyncio.Event()

    async def subscribe(self: Hub) -> None:
        await heard.wait()
        self._heard({"type": "psubscribe"})
        await asyncio.Event().wait()

    async def story() -> Picture | None:
        hub, watcher, scene = Hub(), Watcher(), Pictures(one("before"), one("after"))
        adding = asyncio.create_task(hub.add(scene, watcher))
        await shown(watcher)
        heard.set()
        await adding
        await shown(watcher)
        await hub.remove(scene, watcher)
        return watcher.picture

    monkeypatch.setattr(Hub, "_subscribe", subscribe)
    monkeypatch.setattr(hubs, "_PATIENCE_S", 1000.0)
    picture = asyncio.run(story())
    assert picture is not None
    assert picture.parts == {"now": "after"}

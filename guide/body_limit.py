"""No request is read to its end whatever its length: what is too long is answered at once.

Django keeps a whole body on the disk before a view sees it, so the limit stands before Django.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

MOST_BYTES: Final = 32 * 1024 * 1024
TOO_LARGE: Final = "/too-large/"


class _TooLong(Exception):
    """More came than was announced, or nothing was announced."""


def with_body_limit(application: Application, most: int = MOST_BYTES) -> Application:
    """`application`, which never sees more than `most` bytes: the page `TOO_LARGE` answers."""

    async def limited(scope: dict[str, Any], receive: Receive, send: Any) -> None:
        if scope["type"] != "http" or _announced(scope) <= most:
            try:
                await application(scope, _counted(receive, most), send)
            except _TooLong:
                await application(_elsewhere(scope), _unheard(receive), send)
        else:
            await application(_elsewhere(scope), _unheard(receive), send)

    return limited


def _announced(scope: dict[str, Any]) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"0")
    return int(said) if said.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _TooLong
        return message

    return counted


def _elsewhere(scope: dict[str, Any]) -> dict[str, Any]:
    """The same visitor, led to the page that says why."""
    of_the_body = (b"content-length", b"content-type", b"transfer-encoding")
    kept = [pair for pair in scope["headers"] if pair[0] not in of_the_body]
    path = TOO_LARGE.encode()
    return scope | {"method": "GET", "path": TOO_LARGE, "raw_path": path, "headers": kept}


def _unheard(receive: Receive) -> Receive:
    """An empty body; of what still comes nothing is kept, until the visitor goes away."""
    said = False

    async def unheard() -> Message:
        nonlocal said
        if not said:
            said = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return unheard

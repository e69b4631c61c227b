"""Too long a body never reaches Django: not its disk, not its memory."""

from __future__ import annotations

import asyncio
from typing import Any

from guide.body_limit import TOO_LARGE, with_body_limit

MOST = 100


class Site:
    """Reads what it is given, as Django does, and remembers where it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.asked.append((scope["method"], scope["path"], len(body)))
        last = await receive()  # Django listens whether the visitor is still there
        assert last["type"] == "http.disconnect"


def asked(*pieces: int, announced: int | str | None = None) -> list[tuple[str, str, int]]:
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {"type": "http", "method": "POST", "path": "/own/model/", "headers": headers}
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        size = left.pop(0)
        return {"type": "http.request", "body": bytes(size), "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(message)

    site = Site()
    asyncio.run(with_body_limit(site, MOST)(scope, receive, send))
    return site.asked


def test_what_is_short_enough_passes_unchanged() -> None:
    assert asked(60, 40, announced=100) == [("POST", "/own/model/", 100)]
    assert asked(0) == [("POST", "/own/model/", 0)]


def test_what_announces_itself_too_long_is_not_read_at_all() -> None:
    assert asked(10, announced=101) == [("GET", TOO_LARGE, 0)]


def test_what_grows_too_long_is_cut_short() -> None:
    assert asked(60, 41) == [("GET", TOO_LARGE, 0)]
    assert asked(60, 41, announced=5) == [("GET", TOO_LARGE, 0)]


def test_other_connections_are_left_alone() -> None:
    seen = []

    async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(with_body_limit(lifespan, MOST)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]

"""A watcher's pictures as server-sent events that htmx's extension understands.

Unnamed events carry `<hx-partial>` elements, one for each part that changed. Named ones are
`moved` (the page is of another kind now and asks for itself anew), `beat` (nothing new, but all is
well) and `over`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

from benchruns.live.hub import Watcher
from benchruns.live.picture import Picture, state_of

BEAT_S: Final = 10.0
LONGEST_S: Final = 600.0
"""Then a stream ends and its page asks again: who may see what is asked anew as well."""
RETRY_MS: Final = 1000


class Screen:
    """What one page shows, as far as it was sent: decides what must be sent to make it right.

    `state`: of what kind the page was when it was made. `last_id`: of the event it got last.
    """

    def __init__(self, state: str, last_id: str = "") -> None:
        self._state = state_of(last_id) or state
        self._last_id = last_id
        self._prints: dict[str, str] = {}

    def events(self, picture: Picture) -> Iterator[bytes]:
        if picture.id != self._last_id:
            yield from self._parts(picture)
        self._last_id, self._prints = picture.id, dict(picture.prints)
        if picture.state != self._state:
            self._state = picture.state
            yield event(picture.state, name="moved", id=picture.id)
        if picture.over:
            yield event("", name="over", id=picture.id)

    def _parts(self, picture: Picture) -> Iterator[bytes]:
        new = [name for name, seen in picture.prints.items() if self._prints.get(name) != seen]
        if new:
            yield event("".join(_partial(name, picture.parts[name]) for name in new), id=picture.id)


async def stream(watcher: Watcher, screen: Screen) -> AsyncIterator[bytes]:
    """Until there is nothing more to watch, or it was watched for long enough."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    end = asyncio.get_running_loop().time() + LONGEST_S
    while asyncio.get_running_loop().time() < end:
        try:
            async with asyncio.timeout(BEAT_S):
                await watcher.rung.wait()
        except TimeoutError:
            yield event("", name="beat")
            continue
        watcher.rung.clear()
        picture = watcher.picture
        if picture is not None:
            for sent in screen.events(picture):
                yield sent
        if watcher.gone or (picture is not None and picture.over):
            return


def event(data: str, *, name: str = "", id: str = "") -> bytes:  # noqa: A002 - its name there
    """One event of the format that browsers read. No field holds a line break of its own."""
    lines = [f"event: {name}"] if name else []
    lines += [f"id: {id}"] if id else []
    lines += [f"data: {line}" for line in data.splitlines() or [""]]
    return ("\n".join(lines) + "\n\n").encode()


def _partial(name: str, html: str) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{html}</hx-partial>'

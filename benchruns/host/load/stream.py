"""What an answer said, read when it is over: server-sent events with the time of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchruns.host.load.wire import DONE, Answer

_AT_ONCE = 100  # events read before other connections are looked after again


@dataclass(slots=True)
class Seen:
    """Times are of the loop's clock. `first`: the first event of all, with text or without."""

    text_times: list[float] = field(default_factory=list)
    first: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    finish: str = ""
    error: str = ""
    done: bool = False

    def event(self, data: bytes, at: float) -> None:
        if data == DONE:
            self.done = True
            return
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError(f"an event of the stream is not an object: {data[:100]!r}")
        if self.first is None:
            self.first = at
        if event.get("error"):
            self.error = str(event["error"])[:500]
        choices = [_object(choice) for choice in _list(event.get("choices"))]
        if any(map(_text, choices)):
            self.text_times.append(at)
        for choice in choices:
            self.finish = str(choice.get("finish_reason") or self.finish)
        self._count(event)

    def _count(self, event: dict[str, Any]) -> None:
        usage = _object(event.get("usage"))
        if usage:
            self.prompt_tokens = _count(usage.get("prompt_tokens"))
            self.output_tokens = _count(usage.get("completion_tokens"))
        cached = _object(usage.get("prompt_tokens_details")).get("cached_tokens")
        if cached is None:  # llama.cpp tells it in its own words too
            cached = _object(event.get("timings")).get("cache_n")
        if _count(cached) is not None:
            self.cached_tokens = _count(cached)


async def read(answer: Answer) -> Seen:
    """An event that is none ends the reading, and is its error."""
    seen = Seen()
    try:
        for number, (at, data) in enumerate(_events(answer.pieces), start=1):
            seen.event(data, at)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
    except ValueError as error:
        seen.error = f"{type(error).__name__}: {error}"[:500]
    return seen


def _events(pieces: list[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """An event has arrived when the piece that holds its end has."""
    rest = b""
    for at, piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield at, line[5:].strip()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    """What is no count was not counted."""
    return value if type(value) is int and value >= 0 else None


def _text(choice: dict[str, Any]) -> str:
    """Reasoning counts: those tokens are generated too. A bare role does not."""
    delta = _object(choice.get("delta")) or choice
    for key in ("text", "content", "reasoning_content", "reasoning"):
        if delta.get(key):
            return str(delta[key])
    return ""

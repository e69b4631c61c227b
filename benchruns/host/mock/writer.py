"""Writes one answer on a fixed schedule: lateness of one token does not delay the next."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any

from aiohttp import web

from benchruns.host.mock.behaviour import Behaviour, each
from benchruns.host.mock.ticker import Ticker
from benchruns.host.mock.wanted import Wanted


@dataclass(slots=True)
class Emitted:
    """When a request came and when each chunk with text left, by this process's perf_counter.

    What really happened on a busy machine, where waits are longer than was asked for.
    """

    asked_s: float
    prompt: str = ""
    times_s: list[float] = field(default_factory=list)

    @property
    def ttft_ms(self) -> float:
        return 1000 * (self.times_s[0] - self.asked_s)

    @property
    def gaps_ms(self) -> list[float]:
        return [1000 * (b - a) for a, b in pairwise(self.times_s)]


class Writer:
    """The first chunk goes through the framework, which sends the headers with it; the others
    straight to the socket, for 256 streams at once must not make their own lateness.
    """

    def __init__(
        self, behaviour: Behaviour, wanted: Wanted, number: int, emitted: Emitted, ticker: Ticker
    ) -> None:
        self.behaviour, self.wanted, self.emitted = behaviour, wanted, emitted
        self.ticker, self.random = ticker, behaviour.chance(number)
        stop = behaviour.stop_after
        self.tokens = wanted.max_tokens if stop is None else min(stop, wanted.max_tokens)
        self.cut = each(behaviour.cut_every, number)
        self.until = self.tokens // 2 if self.cut else self.tokens
        self.due, self.sent = perf_counter(), 0
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wire: asyncio.Transport | None = None
        self._chunk = _framed(self._event(" mock" * behaviour.tokens_per_chunk, None))

    async def at_once(self) -> web.Response:
        await self._wait(self.behaviour.ttft_ms, *[self.behaviour.itl_ms] * (self.tokens - 1))
        event = self._event(" mock" * self.tokens, "length")
        return web.json_response({**event, "usage": self._usage()})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if not self.behaviour.keeps_alive and not self.behaviour.hangs_up:
            response.force_close()
        await response.prepare(request)
        self._wire = request.transport
        if self.behaviour.role_first:
            await self._send(response, self._event("", None))
        await self._first(response)
        if self.sent < self.until:
            self._next()
            await self._over
        if self.cut:
            self._hang_up()
            return response
        await self._close(response)
        if self.behaviour.hangs_up and self._wire is not None:
            self._wire.close()
        return response

    async def _first(self, response: web.StreamResponse) -> None:
        many = self._many()
        await self._wait(self.behaviour.ttft_ms, *[self.behaviour.itl_ms] * (many - 1))
        self.emitted.times_s.append(perf_counter())
        await self._send(response, self._event(" mock" * many, None))
        self.sent += many

    def _many(self) -> int:
        return max(1, min(self.behaviour.tokens_per_chunk, self.until - self.sent))

    def _next(self) -> None:
        """Tokens that come in one chunk come when the last of them is ready."""
        for _ in range(self._many()):
            self.due += self.behaviour.wait_s(self.behaviour.itl_ms, self.random)
        self.ticker.at(self.due, self._emit)

    def _emit(self) -> None:
        if self._over.done():
            return  # the client hung up
        if self._wire is None or self._wire.is_closing():
            self._over.set_exception(ConnectionResetError("the client hung up"))
            return
        many = self._many()
        whole = many == self.behaviour.tokens_per_chunk
        self.emitted.times_s.append(perf_counter())
        self._wire.write(self._chunk if whole else _framed(self._event(" mock" * many, None)))
        self.sent += many
        if self.sent < self.until:
            self._next()
        else:
            self._over.set_result(None)

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.abort()

    async def _close(self, response: web.StreamResponse) -> None:
        finish = "length" if self.tokens == self.wanted.max_tokens else "stop"
        await self._send(response, self._event("", finish))
        if self.wanted.usage:
            counted = {**self._event("", None), "choices": [], "usage": self._usage()}
            await self._send(response, counted)
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()

    async def _wait(self, *waits_ms: float) -> None:
        self.due += sum(self.behaviour.wait_s(wait, self.random) for wait in waits_ms)
        await self.ticker.until(self.due)

    async def _send(self, response: web.StreamResponse, event: dict[str, Any]) -> None:
        await response.write(_said(event))

    def _event(self, text: str, finish: str | None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        if self.wanted.chat:
            choice["delta"] = {"content": text} if text else {"role": "assistant"}
        else:
            choice["text"] = text
        kind = "chat.completion.chunk" if self.wanted.chat else "text_completion"
        return {"id": "mock", "object": kind, "model": "mock", "choices": [choice]}

    def _usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.wanted.prompt_tokens,
            "completion_tokens": self.tokens,
            "total_tokens": self.wanted.prompt_tokens + self.tokens,
            "prompt_tokens_details": {"cached_tokens": self.behaviour.cached_tokens},
        }


def _said(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _framed(event: dict[str, Any]) -> bytes:
    """As one chunk of a chunked body."""
    said = _said(event)
    return b"%x\r\n%s\r\n" % (len(said), said)

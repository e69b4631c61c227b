"""A stand-in engine whose latencies are known, so that the instrument itself can be tested.

It speaks the OpenAI-compatible streaming API as real servers do, their quirks included on demand.
It computes nothing: its figures are never shown as a measurement of anything.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The truth. TTFT counts from the moment a slot is free; ITL is between tokens."""

    ttft_ms: float = 50.0
    itl_ms: float = 10.0
    slots: int = 4
    jitter: float = 0.0  # standard deviation of every wait, as a share of it
    tokens_per_chunk: int = 1  # as speculative decoding does
    usage: bool = True  # whether it counts tokens when asked to
    role_first: bool = False  # a first chunk without text, as chat servers send
    cached_tokens: int = 0
    stop_after: int | None = None  # tokens after which it ends an answer early
    fail_every: int = 0  # each n-th request is answered with 500; 0: none
    cut_every: int = 0  # each n-th stream breaks off in the middle; 0: none
    keeps_alive: bool = False  # llama-server does not, whatever it announces
    strict: bool = False  # refuses request fields that OpenAI's API does not have
    chat_only: bool = False
    seed: int = 1


class BadRequest(ValueError):
    """What a client sent wrong, in a sentence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked request."""

    chat: bool
    stream: bool
    usage: bool
    max_tokens: int
    prompt_tokens: int


_OPENAI = {
    "model", "prompt", "messages", "max_tokens", "temperature", "stream", "stream_options",
    "seed", "top_p", "stop", "n", "user",
}  # fmt: skip


def parse(body: object, behaviour: Behaviour, *, chat: bool) -> Wanted:
    """Raises BadRequest as a real server would answer 400."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    if behaviour.strict and set(body) - _OPENAI:
        raise BadRequest(f"unknown fields: {', '.join(sorted(set(body) - _OPENAI))}")
    limit = body.get("max_tokens", 16)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise BadRequest("max_tokens must be a whole number above 0")
    options = body.get("stream_options") or {}
    return Wanted(
        chat=chat,
        stream=body.get("stream") is True,
        usage=behaviour.usage and options.get("include_usage") is True,
        max_tokens=limit,
        prompt_tokens=len(_prompt(body, chat=chat).split()),
    )


def _prompt(body: dict[str, Any], *, chat: bool) -> str:
    if not chat:
        if not isinstance(body.get("prompt"), str):
            raise BadRequest("prompt must be a string")
        return str(body["prompt"])
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("messages must be a list that is not empty")
    return " ".join(str(message.get("content", "")) for message in messages)


@dataclass(slots=True)
class Emitted:
    """When a request came and when each chunk with text left, by this process's perf_counter.

    What really happened on a busy machine, where waits are longer than was asked for.
    """

    asked_s: float
    times_s: list[float] = field(default_factory=list)

    @property
    def ttft_ms(self) -> float:
        return 1000 * (self.times_s[0] - self.asked_s)

    @property
    def gaps_ms(self) -> list[float]:
        return [1000 * (b - a) for a, b in pairwise(self.times_s)]


@dataclass(slots=True)
class MockEngine:
    behaviour: Behaviour
    requests: int = 0
    active: int = 0
    most_active: int = 0
    prompts: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)  # as requests named them
    answers: list[Emitted] = field(default_factory=list)  # what it truly did, token by token
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.behaviour.slots)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/props", self._props)
        app.router.add_post("/v1/chat/completions", self._chat)
        if not self.behaviour.chat_only:
            app.router.add_post("/v1/completions", self._completions)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "mock", "object": "model"}]})

    async def _props(self, _request: web.Request) -> web.Response:
        return web.json_response({"total_slots": self.behaviour.slots, "build_info": "mock"})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=False)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=True)

    async def _answer(self, request: web.Request, *, chat: bool) -> web.StreamResponse:
        emitted = Emitted(perf_counter())
        self.requests += 1
        number = self.requests
        try:
            body = await request.json()
            wanted = parse(body, self.behaviour, chat=chat)
        except ValueError as error:
            return _error(400, str(error))
        self.prompts.append(_prompt(body, chat=chat))
        self.models.add(str(body.get("model")))
        if _each(self.behaviour.fail_every, number):
            return _error(500, "this request was meant to fail")
        async with self._slot():
            self.answers.append(emitted)
            return await self._generate(request, _Writer(self.behaviour, wanted, number, emitted))

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        async with self._free:
            self.active += 1
            self.most_active = max(self.most_active, self.active)
            try:
                yield
            finally:
                self.active -= 1

    async def _generate(self, request: web.Request, writer: _Writer) -> web.StreamResponse:
        if not writer.wanted.stream:
            return await writer.at_once()
        return await writer.stream(request)


def _each(every: int, number: int) -> bool:
    return bool(every) and number % every == 0


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": status}}, status=status)


class _Writer:
    """Writes one answer on a fixed schedule: lateness of one token does not delay the next."""

    def __init__(self, behaviour: Behaviour, wanted: Wanted, number: int, emitted: Emitted) -> None:
        self.behaviour, self.wanted, self.emitted = behaviour, wanted, emitted
        self.cut = _each(behaviour.cut_every, number)
        self.random = random.Random(behaviour.seed * 1_000_003 + number)  # noqa: S311
        self.due = perf_counter()
        stop = behaviour.stop_after
        self.tokens = wanted.max_tokens if stop is None else min(stop, wanted.max_tokens)

    async def at_once(self) -> web.Response:
        await self._wait(self.behaviour.ttft_ms)
        await self._wait(self.behaviour.itl_ms * (self.tokens - 1))
        event = self._event(" mock" * self.tokens, "length")
        return web.json_response({**event, "usage": self._usage()})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if not self.behaviour.keeps_alive:
            response.force_close()
        await response.prepare(request)
        if self.behaviour.role_first:
            await self._send(response, self._event("", None))
        await self._tokens(response)
        if self.cut:
            assert request.transport is not None
            request.transport.abort()
            return response
        await self._close(response)
        return response

    async def _tokens(self, response: web.StreamResponse) -> None:
        """Tokens that come in one chunk come when the last of them is ready."""
        until = self.tokens // 2 if self.cut else self.tokens
        sent = 0
        while sent < until:
            many = min(self.behaviour.tokens_per_chunk, until - sent)
            first = self.behaviour.ttft_ms if sent == 0 else self.behaviour.itl_ms
            await self._wait(first, *[self.behaviour.itl_ms] * (many - 1))
            self.emitted.times_s.append(perf_counter())
            await self._send(response, self._event(" mock" * many, None))
            sent += many

    async def _close(self, response: web.StreamResponse) -> None:
        last = self._event("", "length" if self.tokens == self.wanted.max_tokens else "stop")
        await self._send(response, last)
        if self.wanted.usage:
            await self._send(
                response, {**self._event("", None), "choices": [], "usage": self._usage()}
            )
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()

    async def _wait(self, *waits_ms: float) -> None:
        for wait_ms in waits_ms:
            factor = 1 + self.behaviour.jitter * self.random.gauss(0, 1)
            self.due += max(0.0, wait_ms * factor) / 1000
        await asyncio.sleep(max(0.0, self.due - perf_counter()))

    async def _send(self, response: web.StreamResponse, event: dict[str, Any]) -> None:
        await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")

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


@contextmanager
def running(behaviour: Behaviour, port: int = 0) -> Iterator[tuple[MockEngine, str]]:
    """The engine and its address, served by a thread of its own until the block ends."""
    loop, engine = asyncio.new_event_loop(), MockEngine(behaviour)
    thread = threading.Thread(target=loop.run_forever, name="mock-engine", daemon=True)
    thread.start()
    runner = web.AppRunner(engine.app(), access_log=None, shutdown_timeout=0.1)
    try:
        address = asyncio.run_coroutine_threadsafe(_listen(runner, port), loop).result(10)
        yield engine, address
    finally:
        asyncio.run_coroutine_threadsafe(_close(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _listen(runner: web.AppRunner, port: int) -> str:
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    number = runner.addresses[0][1]
    return f"http://127.0.0.1:{number}"


async def _close(runner: web.AppRunner) -> None:
    """Answers that are still being written end here."""
    await runner.cleanup()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)

"""A stand-in engine whose latencies are known, so that the instrument itself can be tested.

It speaks the OpenAI-compatible streaming API as real servers do, their quirks included on demand.
It computes nothing: its figures are never shown as a measurement of anything. What it truly did is
at `/mock/log`, how late it was itself at `/mock/lag`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from aiohttp import web

from benchruns.host.mock.behaviour import Behaviour
from benchruns.host.mock.ticker import Ticker
from benchruns.host.mock.wanted import BadRequest, Wanted, parse
from benchruns.host.mock.writer import Emitted, Writer

__all__ = ["BadRequest", "Behaviour", "Emitted", "MockEngine", "Wanted", "parse", "running"]


@dataclass(slots=True)
class MockEngine:
    behaviour: Behaviour
    requests: int = 0
    active: int = 0
    most_active: int = 0
    prompts: list[str] = field(default_factory=list)
    models: set[str] = field(default_factory=set)  # as requests named them
    keys: set[str] = field(default_factory=set)  # Authorization headers that came
    answers: list[Emitted] = field(default_factory=list)  # what it truly did, token by token
    ticker: Ticker = field(default_factory=Ticker)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.behaviour.slots)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/props", self._props)
        app.router.add_get("/mock/lag", self._lag)
        app.router.add_get("/mock/log", self._log)
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

    async def _lag(self, _request: web.Request) -> web.Response:
        return web.json_response(self.ticker.lag_ms())

    async def _log(self, _request: web.Request) -> web.Response:
        """Each answer as [when it was asked for, when each chunk with text left …], in seconds of
        the machine's monotonic clock.
        """
        return web.json_response([[one.asked_s, *one.times_s] for one in self.answers])

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=False)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=True)

    async def _answer(self, request: web.Request, *, chat: bool) -> web.StreamResponse:
        emitted = Emitted(perf_counter())
        self.requests += 1
        self.keys.add(request.headers.get("Authorization", ""))
        number = self.requests
        try:
            body = await request.json()
            wanted = parse(body, self.behaviour, chat=chat)
        except ValueError as error:
            return _error(400, str(error))
        emitted.prompt = wanted.prompt
        self.prompts.append(wanted.prompt)
        self.models.add(str(body.get("model")))
        if self.behaviour.fails(number):
            return _error(500, "this request was meant to fail")
        async with self._slot():
            self.answers.append(emitted)
            writer = Writer(self.behaviour, wanted, number, emitted, self.ticker)
            try:
                return await (writer.stream(request) if wanted.stream else writer.at_once())
            except ConnectionError:  # the client hung up: nobody is there to be told anything
                return web.Response(status=499)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        async with self._free:
            self.active += 1
            self.most_active = max(self.most_active, self.active)
            try:
                yield
            finally:
                self.active -= 1


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": status}}, status=status)


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

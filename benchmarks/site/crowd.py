"""50 mock hosts that speak the host API over HTTP, and a few visitors beside them."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchruns.host.plan import PROTOCOL

RUN_S = 4.0
"""How long a mock run takes; real ones take minutes, so real hosts ask for less."""
EVENTS = 5
VISITORS, LOOKS_EVERY_S = 4, 0.5


@dataclass
class Heard:
    """Milliseconds by kind of call, and whatever was not answered as it should be."""

    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    done: int = 0
    began: float = field(default_factory=time.perf_counter)

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.took_ms[kind].append((time.perf_counter() - start) * 1000)


@dataclass
class Crowd:
    """`answers`: documents to send, by the plan's quantisation; never the same one twice."""

    address: str
    tokens: Sequence[str]
    documents: dict[str, Iterator[dict[str, Any]]]
    pages: Sequence[str]
    runs: int
    heard: Heard = field(default_factory=Heard)

    async def serve(self) -> Heard:
        """Until all runs are done."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(self.address, connector=connector) as http:
            hosts = [self._host(http, token, number) for number, token in enumerate(self.tokens)]
            visitors = [asyncio.create_task(self._visitor(http, n)) for n in range(VISITORS)]
            await asyncio.gather(*hosts)
            for visitor in visitors:
                visitor.cancel()
            await asyncio.gather(*visitors, return_exceptions=True)
        return self.heard

    async def _host(self, http: aiohttp.ClientSession, token: str, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - the same hosts in every run
        await asyncio.sleep(chance.uniform(0, RUN_S))  # hosts do not come in step
        while (run := await self._claim(http, token)) is not None:
            await self._work(http, token, run, chance)

    async def _claim(self, http: aiohttp.ClientSession, token: str) -> dict[str, Any] | None:
        body = {"protocol": PROTOCOL, "wait_s": 0, "engines": ["llama.cpp"]}
        with self.heard.timed("claim"):
            status, said = await self._post(http, token, "claim", body)
        if status not in {200, 204}:
            self.heard.wrong[f"claim {status}"] += 1
        return said["run"] if status == 200 else None

    async def _work(
        self, http: aiohttp.ClientSession, token: str, run: dict[str, Any], chance: random.Random
    ) -> None:
        about, attempt = f"runs/{run['id']}", {"attempt": run["attempt"]}
        for number in range(1, EVENTS + 1):
            await asyncio.sleep(RUN_S / EVENTS * chance.uniform(0.7, 1.3))
            events = {"events": [_event(number)]}
            await self._told(http, token, "events", f"{about}/events", attempt | events)
        await self._told(http, token, "heartbeat", f"{about}/heartbeat", attempt)
        document = {"document": next(self.documents[run["plan"]["quant"]])}
        if await self._told(http, token, "result", f"{about}/result", attempt | document):
            self.heard.done += 1

    async def _told(
        self, http: aiohttp.ClientSession, token: str, kind: str, path: str, body: dict[str, Any]
    ) -> bool:
        with self.heard.timed(kind):
            status, said = await self._post(http, token, path, body)
        if status != 200:
            self.heard.wrong[f"{kind} {status} {said.get('error', '')}"] += 1
        return status == 200

    async def _post(
        self, http: aiohttp.ClientSession, token: str, path: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(f"/api/host/v1/{path}", json=body, headers=headers) as answer:
            said = await answer.json() if answer.status != 204 else {}
            return answer.status, said

    async def _visitor(self, http: aiohttp.ClientSession, number: int) -> None:
        turn = itertools.cycle(self.pages)
        for page in itertools.islice(turn, number, None):
            with self.heard.timed("page"):
                async with http.get(page) as answer:
                    await answer.read()
            if answer.status != 200:
                self.heard.wrong[f"{page} {answer.status}"] += 1
            await asyncio.sleep(LOOKS_EVERY_S)


def _event(number: int) -> dict[str, Any]:
    return {
        "at": "2026-11-20T12:00:00Z",
        "phase": "measuring",
        "message": f"{number} clients",
        "point": number,
        "points": EVENTS,
        "clients": number,
        "tok_s": 31.5,
        "fraction": number / EVENTS,
    }

"""Watchers of one run: what of the news reaches them, how fast, and what they cost the site.

The site and its broker are real processes; host and watchers are here, on the same machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from django.db import connection

from benchmarks.site.documents import FACTS, plan
from benchmarks.timing import Timing, summed
from benchruns import enrolment
from benchruns.models import Run, Team
from guide.environment import broker_socket
from guide.supervisor import parts
from guide.supervisor.prepare import prepare
from guide.supervisor.processes import Process, end_all

WATCHERS = (100, 1000)
TOLD = 20
"""Times the host tells its progress, PAUSE_S apart."""
PAUSE_S = 0.5
PROMISED_MS = 200.0
PORT = 8239
ADDRESS = f"http://127.0.0.1:{PORT}"
READY_WITHIN_S = 60.0
PATIENCE_S = 30.0
ENGINE = {"id": "llama.cpp", "provider": "benchmark", "version": "1", "detail": ""}
_FIGURE = re.compile(rb"(\d+)\.5<span")


@dataclass
class Watcher:
    """Remembers when it first saw each figure."""

    path: str
    seen: dict[int, float] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                now = time.perf_counter()
                if line.startswith(b"data:"):
                    self.ready.set()
                for figure in _FIGURE.findall(line):
                    self.seen.setdefault(int(figure), now)
        finally:
            writer.close()


def run(place: Path) -> list[Timing]:
    data = place / "data"
    prepare(data)
    code = enrolment.make_code(Team.embedded(), accepts_visitors=True)
    _, token = enrolment.enrol(code, "host", FACTS.model_dump(mode="json"), [ENGINE])
    path = _ask()
    connection.close()
    with ExitStack() as stack:
        site = _start(stack, data)
        turns = enumerate(WATCHERS, 1)
        told = (asyncio.run(_told(site, token, path, count, 100 * turn)) for turn, count in turns)
        return [row for rows in told for row in rows]


def _ask() -> str:
    what = plan(0)
    asked = {"engine": what.engine, "model": what.model, "quant": what.quant}
    made = Run.objects.create(team=Team.embedded(), plan=what.model_dump(mode="json"), **asked)
    return f"/runs/{made.pk}/events"


def _start(stack: ExitStack, data: Path) -> Process:
    socket = broker_socket(data)
    running: list[Process] = []
    stack.callback(end_all, running)
    wanted = (parts.broker(socket, data / "valkey"), parts.site("127.0.0.1", PORT))
    running.extend(Process(part, dict(os.environ), data) for part in wanted)
    deadline = time.monotonic() + READY_WITHIN_S
    while not _answers():
        if time.monotonic() > deadline:
            raise TimeoutError(running[1].log_tail())
        time.sleep(0.2)
    return running[1]


def _answers() -> bool:
    try:
        return httpx.get(f"{ADDRESS}/healthz", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


async def _told(
    site: Process, token: str, path: str, count: int, figures_from: int
) -> list[Timing]:
    before_mib = _mib(site)
    began = time.perf_counter()
    watchers = [Watcher(path) for _ in range(count)]
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    async with asyncio.timeout(PATIENCE_S + count / 20):
        await asyncio.gather(*(watcher.ready.wait() for watcher in watchers))
    connected_s = time.perf_counter() - began
    sent = await _tell(token, path, figures_from)
    await _until_all_saw(watchers, max(sent))
    costs_mib = _mib(site) - before_mib
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return list(_rows(watchers, sent, connected_s, costs_mib))


async def _tell(token: str, path: str, figures_from: int) -> dict[int, float]:
    """Figure by figure; when each was sent off."""
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{ADDRESS}/api/host/v1/"
    sent = {}
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as http:
        run = await _held(http, path)
        for number in range(figures_from, figures_from + TOLD):
            sent[number] = time.perf_counter()
            answer = await http.post(f"runs/{run}/events", json=_progress(number))
            answer.raise_for_status()
            await asyncio.sleep(PAUSE_S)
    return sent


async def _held(http: httpx.AsyncClient, path: str) -> str:
    run = path.split("/")[2]
    body = {"protocol": 2, "wait_s": 0, "engines": ["llama.cpp", "vllm", "ollama", "sglang"]}
    await http.post("claim", json=body)
    (await http.post(f"runs/{run}/heartbeat", json={"attempt": 1})).raise_for_status()
    return run


def _progress(number: int) -> dict[str, Any]:
    at = {"at": "2026-11-21T12:00:00Z", "phase": "measuring", "fraction": 0.5}
    return {"attempt": 1, "events": [at | {"tok_s": number + 0.5}]}


async def _until_all_saw(watchers: list[Watcher], last: int) -> None:
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline and any(last not in w.seen for w in watchers):
        await asyncio.sleep(0.05)


def _rows(
    watchers: list[Watcher], sent: dict[int, float], connected_s: float, costs_mib: float
) -> Iterator[Timing]:
    took_ms = [
        1000 * (watcher.seen[number] - at)
        for watcher in watchers
        for number, at in sent.items()
        if number in watcher.seen
    ]
    whole = len(watchers) * len(sent)
    note = (
        f"{len(took_ms)} of {whole} delivered; all watched after {connected_s:.1f} s; "
        f"{costs_mib:.0f} MiB more"
    )
    name = f"progress to {len(watchers)} watchers"
    yield summed(name, took_ms, budget_ms=PROMISED_MS, note=note, promised="p95")


def _mib(site: Process) -> float:
    return psutil.Process(site.pid).memory_info().rss / 2**20

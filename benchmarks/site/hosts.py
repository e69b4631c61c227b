"""50 hosts and 1,000 runs: claims, events, results and pages, at the 95th percentile.

The site, its worker, beat and broker are real processes; hosts and visitors share the machine with
them, and no run takes longer than a few seconds.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from django.db import connection

from benchmarks.site.costs import Costs
from benchmarks.site.crowd import RUN_S, Crowd, Heard
from benchmarks.site.documents import FACTS, document, plan
from benchmarks.timing import Timing, summed
from benchruns import enrolment
from benchruns.models import Run, Team
from benchruns.states import State
from guide.environment import broker_socket
from guide.supervisor import parts
from guide.supervisor.prepare import prepare
from guide.supervisor.processes import Process, end_all

HOSTS, RUNS = (int(n) for n in os.environ.get("BENCH_CROWD", "50,1000").split(","))
"""BENCH_CROWD=10,100 for a quick look, of which nothing is promised."""
PROMISED_MS = 200.0
PORT = 8260
ADDRESS = f"http://127.0.0.1:{PORT}"
READY_WITHIN_S = 60.0
ENGINE = {"id": "llama.cpp", "provider": "benchmark", "version": "1", "detail": ""}
PAGES = ("/", "/runs/", "/hosts/", "/recipe/?hardware=cpu&users=2&model=llama-3.2-1b", "/compare/")
KINDS = ("claim", "events", "heartbeat", "result", "page")


def run(place: Path, database_pid: int | None) -> list[Timing]:
    data = place / "data"
    prepare(data)
    tokens = [_attach(number) for number in range(HOSTS)]
    first = _ask()
    database = connection.vendor
    connection.close()
    with ExitStack() as stack:
        site = _start(stack, data)
        crowd = Crowd(ADDRESS, tokens, _documents(), (*PAGES, first), RUNS)
        rows = list(_rows(database, asyncio.run(crowd.serve())))
        costs = Costs(ADDRESS, site.pid, database_pid)
        rows += costs.rows(database, tokens[0], tokens[1])
    return rows


def _attach(number: int) -> str:
    team = Team.embedded()
    code = enrolment.make_code(team, accepts_visitors=True)
    facts = FACTS.model_dump(mode="json")
    return enrolment.enrol(code, f"host-{number}", facts, [ENGINE])[1]


def _ask() -> str:
    """All runs at once, so that nobody waits for work; the address of the first."""
    team, plans = Team.embedded(), [plan(number) for number in range(RUNS)]
    rows = Run.objects.bulk_create(
        Run(
            team=team,
            plan=what.model_dump(mode="json"),
            engine=what.engine,
            model=what.model,
            quant=what.quant,
        )
        for what in plans
    )
    return rows[0].get_absolute_url()


def _documents() -> dict[str, Iterator[dict[str, Any]]]:
    """Made while the hosts are at it: each costs about a millisecond."""
    return {plan(number).quant: _endless(number) for number in range(4)}


def _endless(number: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(number)  # noqa: S311 - the same documents in every run
    while True:
        yield document(plan(number), chance).model_dump(mode="json")


def _start(stack: ExitStack, data: Path) -> Process:
    """Until the site answers, whose process this is; everything ends with `stack`."""
    socket = broker_socket(data)
    started = (parts.broker(socket, data / "valkey"), parts.site("127.0.0.1", PORT))
    running: list[Process] = []
    stack.callback(end_all, running)
    wanted = (*started, parts.worker(), parts.beat())
    running.extend(Process(part, dict(os.environ), data) for part in wanted)
    deadline = time.monotonic() + READY_WITHIN_S
    while not _answers():
        if time.monotonic() > deadline:
            raise TimeoutError(running[1].log_tail())
        time.sleep(0.2)
    return running[1]


def _answers() -> bool:
    try:
        return httpx.get(f"{ADDRESS}/readyz", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _rows(database: str, heard: Heard) -> Iterator[Timing]:
    took_s = time.perf_counter() - heard.began
    done = Run.objects.filter(state=State.DONE).count()
    if heard.wrong or done != RUNS:
        raise RuntimeError(f"{done} of {RUNS} runs are done; {dict(heard.wrong)}")
    rate = sum(map(len, heard.took_ms.values())) / took_s
    note = f"{HOSTS} hosts, {RUNS} runs of {RUN_S:g} s, {rate:.0f} requests/s"
    for kind in KINDS:
        name = f"{database}: {kind}"
        yield summed(name, heard.took_ms[kind], budget_ms=PROMISED_MS, note=note, promised="p95")

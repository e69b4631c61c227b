"""What one request costs the site's process: processor time, one kind after the other.

Latency says how it feels on this machine today; processor time is what capacity is made of
(docs/scale.md). Of SQLite the database's own work is in it, of PostgreSQL it is told apart.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx
import psutil

from benchmarks.site.documents import document, plan
from benchmarks.timing import Timing
from benchruns.host.plan import PROTOCOL
from benchruns.models import Run, Team

TIMES, FEWER = 200, 40


@dataclass(frozen=True, slots=True)
class Asked:
    """`call` sends one request and must be answered with `status`."""

    name: str
    call: Callable[[], httpx.Response]
    status: int
    times: int = TIMES


class Costs:
    """`tokens`: of two attached hosts; the second never has work."""

    def __init__(self, address: str, site_pid: int, database_pid: int | None) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        self._site = psutil.Process(site_pid)
        self._database = psutil.Process(database_pid) if database_pid else None

    def rows(self, vendor: str, token: str, idle_token: str) -> Iterator[Timing]:
        for asked in (*self._of_hosts(token, idle_token), *self._of_visitors()):
            yield from self._cost(vendor, asked)

    def _cost(self, vendor: str, asked: Asked) -> Iterator[Timing]:
        asked.call()  # nothing is measured cold
        before = spent_s(self._site), spent_s(self._database)
        for _ in range(asked.times):
            answer = asked.call()
            if answer.status_code != asked.status:
                raise RuntimeError(f"{asked.name}: {answer.status_code} {answer.text[:200]}")
        site_ms, database_ms = (
            (spent_s(process) - start) * 1000 / asked.times
            for process, start in zip((self._site, self._database), before, strict=True)
        )
        note = "processor time a request" + (
            f", and {database_ms:.2f} ms of the database" if self._database else ""
        )
        name = f"{vendor}: cost of {asked.name}"
        yield Timing(name, asked.times, site_ms, site_ms, None, note)

    def _of_hosts(self, token: str, idle_token: str) -> Iterator[Asked]:
        claim = {"protocol": PROTOCOL, "wait_s": 0, "engines": ["llama.cpp"]}
        nothing = {**claim, "engines": ["no-such-engine"]}
        yield Asked("a claim in vain", lambda: self._post(idle_token, "claim", nothing), 204)
        run = self._claimed(token, claim)
        held = {"attempt": 1}
        event = {"at": "2026-11-20T12:00:00Z", "phase": "measuring", "tok_s": 31.5}
        events = held | {"events": [event]}
        about = f"runs/{run}"
        yield Asked("a heartbeat", lambda: self._post(token, f"{about}/heartbeat", held), 200)
        yield Asked("an event", lambda: self._post(token, f"{about}/events", events), 200)
        yield Asked("a result", self._results(token, claim), 200, FEWER)

    def _claimed(self, token: str, claim: Mapping[str, object]) -> str:
        what = plan(0)
        Run.objects.create(
            team=Team.embedded(),
            plan=what.model_dump(mode="json"),
            engine=what.engine,
            model=what.model,
            quant=what.quant,
        )
        said = self._post(token, "claim", claim)
        return str(said.json()["run"]["id"])

    def _results(self, token: str, claim: Mapping[str, object]) -> Callable[[], httpx.Response]:
        """A claim belongs to each; what it costs is told apart by the row of claims."""
        chance = random.Random(7)  # noqa: S311 - the same documents in every run

        def call() -> httpx.Response:
            run = self._claimed(token, claim)
            sent = document(plan(0), chance).model_dump(mode="json")
            return self._post(token, f"runs/{run}/result", {"attempt": 1, "document": sent})

        return call

    def _of_visitors(self) -> Iterator[Asked]:
        pages = {
            "the first page": "/",
            "a recipe": "/recipe/?hardware=cpu&users=2&model=llama-3.2-1b",
            "the runs page": "/runs/",
            "the API's recommendation": "/api/v1/recommendation?hardware=cpu&users=2",
        }
        for name, path in pages.items():
            yield Asked(name, lambda path=path: self._http.get(path), 200, FEWER)  # type: ignore[misc]

    def _post(self, token: str, path: str, body: Mapping[str, object]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self._http.post(f"/api/host/v1/{path}", json=body, headers=headers)


def spent_s(process: psutil.Process | None) -> float:
    """Of a process and its children, those that have ended included."""
    if process is None:
        return 0.0
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        own = child.cpu_times()
        total += own.user + own.system
    return float(total)

"""What grows with what is stored: the same questions with 1,000 and with 100,000 results."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from benchmarks.site.documents import ENGINES, FACTS, document, plan
from benchmarks.timing import Timing, summed
from benchruns import claims, enrolment
from benchruns.evidence import DatabaseEvidence
from benchruns.models import Host, Result, Run, Team
from benchruns.states import State
from benchruns.summaries import denormalised
from recommender import catalogue
from recommender.answers import parse
from recommender.recommend import recommend

SIZES = (1_000, 100_000)
HOSTS, MODELS, WAITING, TIMES = 200, 40, 100, 30
AT_ONCE = 1_000
PROMISED_MS = {"recommendation with evidence": 60.0, "runs page": 100.0, "queue claim": 20.0}
PROMISED_GROWTH = 5.0
"""A hundred times as much stored may cost at most this many times as much."""

ENGINE = {"id": "llama.cpp", "provider": "benchmark", "version": "1", "detail": ""}
ANSWERS = (("hardware", "cpu"), ("users", "2"), ("model", "llama-3.2-1b"))


def run() -> list[Timing]:
    call_command("migrate", interactive=False, verbosity=0)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.ALLOWED_HOSTS = ["testserver"]
    hosts = [_attach(number) for number in range(HOSTS)]
    filler = Filler(hosts)
    small = _timed(filler, SIZES[0])
    large = _timed(filler, SIZES[1])
    return [row for name in PROMISED_MS for row in _rows(name, small[name], large[name])]


def _rows(name: str, small: list[float], large: list[float]) -> Iterator[Timing]:
    database, promised = connection.vendor, PROMISED_MS[name]
    for size, took in zip(SIZES, (small, large), strict=True):
        yield summed(
            f"{database}: {name}",
            took,
            budget_ms=promised,
            note=f"{size:,} results",
            promised="p95",
        )
    ratio = sorted(large)[len(large) // 2] / sorted(small)[len(small) // 2]
    note = "times as much with 100 times as many, no ms"
    yield Timing(f"{database}:   growth", 1, ratio, ratio, PROMISED_GROWTH, note)


def _attach(number: int) -> Host:
    code = enrolment.make_code(Team.embedded(), accepts_visitors=True)
    facts = FACTS.model_dump(mode="json")
    return enrolment.enrol(code, f"host-{number}", facts, [ENGINE])[0]


class Filler:
    """Stored runs and results of many kinds; without raw samples, which nobody asked here reads."""

    def __init__(self, hosts: list[Host]) -> None:
        self._hosts, self._chance = hosts, random.Random(1)  # noqa: S311 - the same in every run
        self._team, self._stored = Team.embedded(), 0
        self._kinds = [self._kind(number) for number in range(MODELS * len(ENGINES))]

    def _kind(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        models = ["llama-3.2-1b", *list(catalogue.load().models)[: MODELS - 1]]
        what = plan(number, ENGINES[number % len(ENGINES)], models[number // len(ENGINES)])
        columns = denormalised(document(what, self._chance), self._hosts[0])
        columns["document"] = {"plan": what.model_dump(mode="json")}
        asked = {"engine": what.engine, "model": what.model, "quant": what.quant}
        return asked | {"plan": what.model_dump(mode="json")}, columns

    def up_to(self, size: int) -> None:
        while self._stored < size:
            count = min(AT_ONCE, size - self._stored)
            rows = [self._row(self._stored + number) for number in range(count)]
            Run.objects.bulk_create(run for run, _ in rows)
            Result.objects.bulk_create(result for _, result in rows)
            self._stored += count
        _settle_statistics()

    def _row(self, number: int) -> tuple[Run, Result]:
        asked, columns = self._chance.choice(self._kinds)
        at = datetime.now(UTC) - timedelta(minutes=number % 500_000)
        host = self._chance.choice(self._hosts)
        run = Run(
            team=self._team, host=host, state=State.DONE, finished_at=at, requested_at=at, **asked
        )
        apart = {"measured_at": at, "fingerprint": f"{number:064d}"}
        return run, Result(run=run, **(columns | apart))


def _settle_statistics() -> None:
    """As autovacuum does by itself a little later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _timed(filler: Filler, size: int) -> dict[str, list[float]]:
    print(f"{connection.vendor}: storing {size:,} results", file=sys.stderr)
    filler.up_to(size)
    answers, client = parse(ANSWERS), Client()
    host = Host.objects.order_by("pk")[0]
    questions: dict[str, Callable[[], object]] = {
        "recommendation with evidence": lambda: recommend(answers, evidence=DatabaseEvidence()),
        "runs page": lambda: client.get("/runs/"),
        "queue claim": partial(_claim, host),
    }
    _queue()
    return {name: _took_ms(call) for name, call in questions.items()}


def _queue() -> None:
    """As many waiting as there were before."""
    Run.objects.filter(state=State.CLAIMED).delete()
    missing = WAITING - Run.objects.filter(state=State.QUEUED).count()
    what = plan(0)
    for _ in range(missing):
        Run.objects.create(
            team=Team.embedded(),
            plan=what.model_dump(mode="json"),
            engine=what.engine,
            model=what.model,
            quant=what.quant,
        )


def _claim(host: Host) -> None:
    if claims.claim(host, ["llama.cpp"]) is None:
        raise RuntimeError("there was nothing to claim")


def _took_ms(call: Callable[[], object]) -> list[float]:
    call()
    found = []
    for _ in range(TIMES):
        start = time.perf_counter()
        call()
        found.append((time.perf_counter() - start) * 1000)
    return found

"""What Prometheus is told: how the site answers, what waits, how runs ended.

Latencies are of this process, or where PROMETHEUS_MULTIPROC_DIR is set of all processes that share
it. What happened to runs is counted in the broker (`benchruns/metered.py`), what waits is asked of
the database.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import redis
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from benchruns.metered import RUN_SECONDS, counters
from benchruns.models import Host, Run
from benchruns.states import TERMINAL, State

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
OWN: Final = CollectorRegistry()
LATENCY: Final = Histogram(
    "rigguide_request_seconds",
    "Time to answer, by the name of the address.",
    ("method", "view", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
    registry=OWN,
)


class Timed:
    """Middleware. Names come from the table of addresses, so their number is bounded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        view = (match.view_name if match else "") or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST"} else "other"
        status = f"{response.status_code // 100}xx"
        LATENCY.labels(method, view, status).observe(time.perf_counter() - start)
        return response


class Site(Collector):
    """Asked at each scrape; a part that does not answer is left out and said so."""

    def collect(self) -> Iterator[Metric]:
        yield from _waiting()
        yield from _hosts()
        try:
            told = counters()
        except redis.RedisError:
            yield _up(0.0)
            return
        yield _up(1.0)
        yield from _counted(told)
        yield _lasted(told)


def _up(value: float) -> Metric:
    return GaugeMetricFamily("rigguide_broker_up", "Whether the broker answers.", value)


def _waiting() -> Iterator[Metric]:
    """Of what has not ended, which is what an index knows."""
    open_ = Run.objects.exclude(state__in=TERMINAL).order_by()
    per_state = dict(open_.values_list("state").annotate(Count("pk")))
    family = GaugeMetricFamily("rigguide_runs", "Runs that have not ended.", labels=("state",))
    for state in sorted(set(State) - TERMINAL):
        family.add_metric((str(state),), per_state.get(state, 0))
    yield family
    oldest = open_.filter(state=State.QUEUED).aggregate(since=Min("requested_at"))["since"]
    age_s = max(timezone.now() - oldest, timedelta()).total_seconds() if oldest else 0.0
    what = "How long the run has waited that waits for longest; 0 when none does."
    yield GaugeMetricFamily("rigguide_queue_oldest_seconds", what, age_s)


def _hosts() -> Iterator[Metric]:
    attached = Host.objects.attached()
    live = Host.objects.live(timezone.now()).count()
    family = GaugeMetricFamily("rigguide_hosts", "Attached machines.", labels=("which",))
    family.add_metric(("attached",), attached.count())
    family.add_metric(("live",), live)
    family.add_metric(("paused",), attached.filter(paused=True).count())
    yield family


def _counted(told: dict[str, float]) -> Iterator[Metric]:
    ended = CounterMetricFamily("rigguide_runs_ended", "How runs ended.", labels=("state",))
    for state in sorted(TERMINAL):
        ended.add_metric((str(state),), told.get(f"runs:{state}", 0.0))
    yield ended
    results = CounterMetricFamily("rigguide_results", "Results that came.", labels=("outcome",))
    for outcome in ("stored", "refused"):
        results.add_metric((outcome,), told.get(f"results:{outcome}", 0.0))
    yield results
    expired = told.get("lease_expiries", 0.0)
    what = "Leases that ended because their host was not heard of."
    yield CounterMetricFamily("rigguide_lease_expiries", what, expired)


def _lasted(told: dict[str, float]) -> Metric:
    so_far, buckets = 0.0, []
    for edge in (*map(str, RUN_SECONDS), "+Inf"):
        so_far += told.get(f"run_seconds:{edge}", 0.0)
        buckets.append((edge, so_far))
    family = HistogramMetricFamily("rigguide_run_seconds", "Runs with a result, claim to end.")
    family.add_metric((), buckets, told.get("run_seconds:sum", 0.0))
    return family


def text() -> bytes:
    """In Prometheus' text form."""
    everything = CollectorRegistry()
    if os.environ.get(SHARED):
        multiprocess.MultiProcessCollector(everything)  # type: ignore[no-untyped-call]
    else:
        everything.register(_Own())
    everything.register(Site())
    return generate_latest(everything)


class _Own(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from OWN.collect()

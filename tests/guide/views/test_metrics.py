"""What Prometheus reads, and who else may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from benchruns import claims, metered, wake
from benchruns.models import Run
from tests.benchruns.made import Machine, as_sent, document, queued

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _counters_at_nothing(redis_url: str) -> None:
    wake.client(redis_url).delete(metered.KEY)


def told(client: Client) -> dict[tuple[str, str], float]:
    """By name and value of the first label."""
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, next(iter(one.labels.values()), "")): one.value for one in samples}


def test_it_tells_what_waits_and_for_how_long(client: Client) -> None:
    queued(requested_at=timezone.now() - timedelta(minutes=5))
    Machine().claimed()
    found = told(client)
    assert found["rigguide_runs", "queued"] == 1
    assert found["rigguide_runs", "claimed"] == 1
    assert found["rigguide_hosts", "live"] == 1
    assert found["rigguide_queue_oldest_seconds", ""] >= 0


def test_it_counts_how_runs_ended_and_how_long_they_took(client: Client) -> None:
    alice = Machine()
    run = alice.claimed()
    assert alice.about(run, "result", document=as_sent(document())).status_code == 200
    failed = alice.claimed()
    assert alice.about(failed, "failure", reason="The engine died.").status_code == 200
    found = told(client)
    assert found["rigguide_runs_ended_total", "done"] == 1
    assert found["rigguide_runs_ended_total", "failed"] == 1
    assert found["rigguide_results_total", "stored"] == 1
    assert found["rigguide_run_seconds_count", ""] == 1


def test_it_counts_leases_that_ended(client: Client) -> None:
    Machine().claimed()
    claims.expire_leases(timezone.now() + timedelta(minutes=1))
    assert told(client)["rigguide_lease_expiries_total", ""] == 1
    assert Run.objects.get().state == "queued"


def test_it_says_when_the_broker_does_not_answer(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis+socket:///nonexistent/valkey.sock"
    found = told(client)
    assert found["rigguide_broker_up", ""] == 0
    assert ("rigguide_runs", "queued") in found


def test_it_times_requests_by_the_name_of_the_address(client: Client) -> None:
    client.get("/articles/")
    lines = client.get("/metrics").content.decode()
    assert 'rigguide_request_seconds_count{method="GET",status="2xx",view="articles"}' in lines


def test_it_is_for_this_machine_alone() -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 404
    by_a_proxy = {"X-Forwarded-For": "192.0.2.7"}
    assert Client().get("/metrics", headers=by_a_proxy).status_code == 404


def test_who_knows_the_token_reads_it_from_anywhere(settings: Settings) -> None:
    settings.METRICS_TOKEN = "seven words nobody guesses"
    away = Client(REMOTE_ADDR="192.0.2.7")
    good = {"Authorization": "Bearer seven words nobody guesses"}
    assert away.get("/metrics", headers=good).status_code == 200
    assert away.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 404
    assert Client().get("/metrics").status_code == 404  # then not even from here without it

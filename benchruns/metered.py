"""Counters that all processes of a site share: they lie in its broker, in one hash.

A count that cannot be told is lost, and a broker that lost its data begins at nothing, which
Prometheus takes from counters. No counting raises, and none waits for long.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import redis
from django.conf import settings
from django.db import transaction

from benchruns.wake import client

log = logging.getLogger(__name__)

KEY: Final = "rigguide:counters"
RUN_SECONDS: Final = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
"""Upper edges of the histogram of how long runs took, claim to end."""


def count(name: str) -> None:
    """One more, once what is being written can be read."""
    transaction.on_commit(lambda: _add({name: 1.0}))


def lasted(seconds: float) -> None:
    """One more run, which took that long."""
    edge = next((edge for edge in RUN_SECONDS if seconds <= edge), None)
    told = {f"run_seconds:{'+Inf' if edge is None else edge}": 1.0, "run_seconds:sum": seconds}
    transaction.on_commit(lambda: _add(told))


def _add(told: Mapping[str, float]) -> None:
    try:
        with client(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            for name, value in told.items():
                pipe.hincrbyfloat(KEY, name, value)
            pipe.execute()
    except redis.RedisError as error:
        log.info("not counted (%s): %s", ", ".join(told), error)


def counters() -> dict[str, float]:
    """All of them. Raises redis.RedisError."""
    found: Any = client(settings.REDIS_URL).hgetall(KEY)  # bytes, as the client is not told else
    return {name.decode(): float(value) for name, value in found.items()}

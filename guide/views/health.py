"""`GET /healthz`: does this process answer? `GET /readyz`: may it be given visitors?

Apart, because whoever restarts what is dead must not do so when it is the database that is away.
"""

from __future__ import annotations

import logging
from typing import Final

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from benchruns.redis_url import for_redis_py

log = logging.getLogger(__name__)
OK: Final = "ok"
AWAY: Final = "does not answer"


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 from any process that can answer at all; looks at nothing else."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, tables and broker are as this release needs them, else 503.

    Says which is not, and no address or password.
    """
    kept = database()
    parts = {
        "database": kept,
        "migrations": _tables.state() if kept == OK else "not known",
        "broker": broker(),
    }
    ready = all(state == OK for state in parts.values())
    body = {"status": OK if ready else "not ready", **parts}
    return JsonResponse(body, status=200 if ready else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("the database does not answer: %s", error)
        return AWAY
    return OK


class _Tables:
    """Looked at until they are there once: no release takes away what the one before needs."""

    there = False

    def state(self) -> str:
        self.there = self.there or self._look()
        return OK if self.there else "not applied"

    def _look(self) -> bool:
        try:
            executor = MigrationExecutor(connection)
            return not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            log.error("the database does not tell its migrations: %s", error)
            return False


_tables = _Tables()


def broker() -> str:
    client = redis.Redis.from_url(
        for_redis_py(settings.REDIS_URL), socket_timeout=1, socket_connect_timeout=1
    )
    try:
        client.ping()
    except redis.RedisError as error:
        log.error("the broker does not answer: %s", error)
        return AWAY
    finally:
        client.close()
    return OK

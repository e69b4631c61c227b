"""`GET /healthz`: can this process reach its database and its broker?"""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from benchruns.redis_url import for_redis_py

log = logging.getLogger(__name__)
OK = "ok"


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when both answer, else 503; says which does not, and no address or password."""
    parts = {"database": database(), "broker": broker()}
    healthy = all(state == OK for state in parts.values())
    body = {"status": OK if healthy else "unwell", **parts}
    return JsonResponse(body, status=200 if healthy else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("the database does not answer: %s", error)
        return "does not answer"
    return OK


def broker() -> str:
    client = redis.Redis.from_url(
        for_redis_py(settings.REDIS_URL), socket_timeout=1, socket_connect_timeout=1
    )
    try:
        client.ping()
    except redis.RedisError as error:
        log.error("the broker does not answer: %s", error)
        return "does not answer"
    finally:
        client.close()
    return OK

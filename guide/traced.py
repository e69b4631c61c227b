"""One id from a browser's request to the host's log: who asked for what is found in every log.

A request brings its id (`X-Request-ID`) or is given one; it goes back with the answer and into
every line that is logged meanwhile. What concerns a run says so too. Hosts send run and attempt.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

HEADER: Final = "X-Request-ID"
_GOOD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,99}")
"""Anything else could forge lines of a log, or fill it."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
run_id: ContextVar[str] = ContextVar("run_id", default="")


def identify(told: str) -> str:
    """The id that was told, or a new one where that is no good."""
    return told if _GOOD.fullmatch(told) else uuid.uuid4().hex


class Traced:
    """Middleware, the outermost: also what others refuse has an id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = request_id.set(identify(request.headers.get(HEADER, "")))
        run = run_id.set("")
        try:
            response = self._get_response(request)
            response[HEADER] = request_id.get()
            return response
        finally:
            request_id.reset(mine)
            run_id.reset(run)

    def process_view(
        self, _request: HttpRequest, _view: object, _args: object, named: dict[str, Any]
    ) -> None:
        found = named.get("run_id", named.get("run"))
        if found is not None:
            run_id.set(str(found))


class TraceFilter(logging.Filter):
    """Puts both on every record; "-" where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        record.run_id = run_id.get() or "-"
        return True

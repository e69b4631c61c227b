"""A 405 with words: Django's own is an empty page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from guide.views.errors import not_allowed

Answers = Callable[[HttpRequest], HttpResponseBase]
Promises = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def explained(get_response: Answers | Promises) -> Answers | Promises:
    """Fills in what is empty; an answer that says something itself is left alone."""
    if iscoroutinefunction(get_response):
        return _promising(get_response)
    return _answering(get_response)  # type: ignore[arg-type]


def _promising(get_response: Promises) -> Promises:
    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        if not _is_bare(response):
            return response
        return await sync_to_async(not_allowed)(request, response.headers["Allow"])

    return middleware


def _answering(get_response: Answers) -> Answers:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not _is_bare(response):
            return response
        return not_allowed(request, response.headers["Allow"])

    return middleware


def _is_bare(response: HttpResponseBase) -> bool:
    return response.status_code == 405 and not getattr(response, "content", b"-")

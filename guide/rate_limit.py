"""A fixed window per visitor and minute: enough to stop a loop, too wide to meet a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
WINDOW_S = 60


def limited(*, name: str, per_minute: int) -> Callable[[View[P]], View[P]]:
    """Answers 429 to whoever posts more often than `per_minute`. Reading is never limited."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def limited_view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST" and _count(name, request) > per_minute:
                return _too_many(request, per_minute)
            return view(request, *args, **kwargs)

        return limited_view

    return decorate


def _count(name: str, request: HttpRequest) -> int:
    key = f"limit:{name}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, timeout=WINDOW_S)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=WINDOW_S)
        return 1


def _too_many(request: HttpRequest, per_minute: int) -> HttpResponse:
    reason = f"More than {per_minute} of these in a minute. Wait a minute, then try again."
    response = render(request, "429.html", {"reason": reason}, status=429)
    response["Retry-After"] = str(WINDOW_S)
    return response

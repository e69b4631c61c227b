"""A fixed window per visitor and minute: enough to stop a loop, too wide to meet a person."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

WINDOW_S = 60


def too_many(request: HttpRequest, *, what: str, per_minute: int) -> HttpResponse | None:
    """Counts this request; a 429 page for whoever asks more often than `per_minute`."""
    if not over(what, str(request.META.get("REMOTE_ADDR", "")), per_minute):
        return None
    reason = f"More than {per_minute} of these in a minute. Wait a minute, then try again."
    response = render(request, "429.html", {"reason": reason}, status=429)
    response["Retry-After"] = str(WINDOW_S)
    return response


def over(what: str, who: str, per_minute: int) -> bool:
    """Counts one more of these; whether `who` has now had more than allowed."""
    return _count(f"limit:{what}:{who}") > per_minute


def _count(key: str) -> int:
    cache.add(key, 0, timeout=WINDOW_S)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=WINDOW_S)
        return 1

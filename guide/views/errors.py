"""Errors in the form that was asked for: JSON for programs, plain text for documents, pages."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

_BY_DJANGO = re.compile(r"No \w+ matches the given query\.")
NOTHING_HERE = "There is nothing at this address."
BROKEN = "Something broke on our side; what it was is in the site's log."
UNREADABLE = "The request could not be read."
TOO_LONG = "The text you sent is longer than {mib} MB, which is the most this site reads."
PLAIN = "text/plain; charset=utf-8"


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_long = TOO_LONG.format(mib=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20)
    said = too_long if isinstance(exception, RequestDataTooBig) else UNREADABLE
    page = {"reason": said}
    return _plainly(request, said, 400) or render(request, "400.html", page, status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = _sentence(exception)
    page = {"exception": said}
    return _plainly(request, said or NOTHING_HERE, 404) or render(
        request, "404.html", page, status=404
    )


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """`allowed`: the methods that are, as the header `Allow` has them."""
    said = f"This address takes {allowed}, not {request.method}."
    page = {"method": request.method, "allowed": allowed}
    response = _plainly(request, said, 405) or render(request, "405.html", page, status=405)
    response["Allow"] = allowed
    return response


def broken(request: HttpRequest) -> HttpResponse:
    return _plainly(request, BROKEN, 500) or defaults.server_error(request)


def _plainly(request: HttpRequest, sentence: str, status: int) -> HttpResponse | None:
    """None where a page was asked for."""
    path = request.path
    if path.startswith("/api/") or path.endswith(".json"):
        return JsonResponse({"error": sentence}, status=status)
    if path.endswith(".md"):
        return HttpResponse(f"{sentence}\n", content_type=PLAIN, status=status)
    return None


def _sentence(exception: Exception) -> str:
    """What the view said; "" where it said nothing, or Django said it for the view.

    Of an address that no view has, Django tells only what it tried. And "No Host matches" would
    tell a stranger that there is no such host, where silence is the answer for somebody else's.
    """
    said = exception.args[0] if exception.args else ""
    if not isinstance(said, str) or _BY_DJANGO.fullmatch(said):
        return ""
    return said

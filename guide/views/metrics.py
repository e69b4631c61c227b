"""`GET /metrics`: for whoever knows METRICS_TOKEN, or without one for this very machine."""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from guide.metrics import text

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for everybody else: that it is there is nobody's business."""
    if not allowed(request):
        raise Http404
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)


def allowed(request: HttpRequest) -> bool:
    """What came through a proxy is not from this machine, wherever the proxy runs."""
    if settings.METRICS_TOKEN:
        said = request.headers.get("Authorization", "")
        return secrets.compare_digest(said.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False

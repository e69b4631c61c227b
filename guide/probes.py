"""Answers whoever watches over a process, before anything else looks at the request.

They come by the process' own address, without TLS and with a Host that is no name of the site; so
these addresses neither lead on to HTTPS nor ask which site was meant. All are only read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from guide.views.health import healthz, readyz
from guide.views.metrics import metrics

View = Callable[[HttpRequest], HttpResponse]
PROBES: Final[Mapping[str, View]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}


class Probes:
    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = PROBES.get(request.path)
        if view is None:
            return self._get_response(request)
        try:
            return view(request)
        except Http404:  # as any address that is not there, in the site's own words
            return self._get_response(request)

"""Attached machines: what they are and when they were last seen."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from benchruns import versions
from benchruns.accepting import accepts_of
from benchruns.host.accepts import SOURCE_WORDS
from benchruns.installs import may_install, offers
from benchruns.models import Host, Run
from benchruns.permits import Act, may, person
from benchruns.seeing import seen_by
from benchruns.views.boards import board_context
from benchruns.visitors import address_key

LISTED: Final = 20
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@require_safe
def hosts(request: HttpRequest) -> HttpResponse:
    context = {
        **board_context(request),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "only_here": request.get_host().rpartition(":")[0] in LOOPBACK,
    }
    return render(request, "benchruns/hosts.html", context)


@require_safe
def host(request: HttpRequest, host_id: int) -> HttpResponse:
    asker = person(request)
    # Members see what was theirs after it left; its measurements stay.
    found = get_object_or_404(Host.objects.visible_to(asker), pk=host_id)
    seen = seen_by(address_key(request), Run.objects.filter(host=found), asker)
    shown = seen.select_related("host", "wanted_host").defer("log", "reason", "answers")
    runs = shown.order_by("-requested_at")[:LISTED]
    context = {
        "host": found,
        "runs": runs,
        "installs": offers(found) if may_install(found, asker) else (),
        "may_manage": found.revoked_at is None and may(asker, found.team, Act.ATTACH),
        **_terms(found),
    }
    return render(request, "benchruns/host.html", context)


def _terms(host: Host) -> dict[str, Any]:
    """What its owner accepts, and whether the two releases understand each other."""
    accepts = accepts_of(host)
    return {
        "terms": accepts,
        "sources": [SOURCE_WORDS[one] for one in accepts.models] if accepts else (),
        "version_note": versions.sentence(host) if host.first_claim_at else "",
        "understood": versions.understood(host),
    }

"""What a claim tells of its host besides asking for work: kept for its page and for the queue."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from benchruns.claims import vital_columns
from benchruns.host_api.bodies import Claim
from benchruns.live import news
from benchruns.models import Host

_RELEASE: Final = re.compile(r"rigguide/([\w.+-]{1,40})")
_MOST: Final = 32_767  # what the column takes


def seen(host: Host, body: Claim, request: HttpRequest) -> None:
    """It is there, speaks this protocol, and these engines it would start.

    Of a host with several slots the first one speaks for the machine.
    """
    now = timezone.now()
    told: dict[str, Any] = {"last_seen_at": now, **vital_columns(body.vitals, now)}
    if body.slot == 0:
        told |= {"first_claim_at": Coalesce(F("first_claim_at"), timezone.now())}
        told |= {"protocol": body.protocol, "version": _release(request), **_terms(body)}
    Host.objects.filter(pk=host.pk).update(**told)
    news.host_changed(host)


def misunderstood(host: Host, protocol: int, request: HttpRequest) -> None:
    """It is there, in a version that this site does not speak: its page says so."""
    Host.objects.filter(pk=host.pk).update(
        last_seen_at=timezone.now(),
        protocol=min(max(protocol, 0), _MOST),
        version=_release(request),
    )


def _terms(body: Claim) -> dict[str, Any]:
    """`measures` holds at any hour; `engines` are what it would start now."""
    accepts = body.accepts
    return {
        "measures": sorted(set(accepts.measures if accepts else body.engines)),
        "installs": [offer.model_dump() for offer in body.installs],
        "accepts": accepts.model_dump(mode="json") if accepts else {},
        "slots": body.slots,
    }


def _release(request: HttpRequest) -> str:
    found = _RELEASE.match(request.headers.get("User-Agent", ""))
    return found[1] if found else ""

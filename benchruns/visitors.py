"""Who asks, without keeping who it was."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def address_key(request: HttpRequest) -> str:
    """The same for the same address on this site, and nothing that leads back to it elsewhere."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac("benchruns.visitors", address, algorithm="sha256").hexdigest()

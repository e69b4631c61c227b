"""The machine the site itself runs on."""

from __future__ import annotations

from pathlib import Path

from benchruns.host.credentials import Home, NotAttached
from benchruns.host_tokens import host_of
from benchruns.models import Host


def attached_from(home: Path) -> Host | None:
    """The host whose credential lies in that folder, while it is good for something."""
    try:
        token = Home(home).load().token
    except NotAttached:
        return None
    return host_of(token)

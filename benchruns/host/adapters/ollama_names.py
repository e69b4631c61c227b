"""What our models are called on an Ollama, and those whose maker is gone."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import re

import psutil

from benchruns.host.adapters.ollama_api import Api
from benchruns.host.errors import EngineFailed

log = logging.getLogger(__name__)

URL = "RIGGUIDE_OLLAMA_URL"
_OURS = re.compile(r"rigguide-(?P<machine>[0-9a-f]{8})-(?P<pid>\d+)-")


def name_of(model: str) -> str:
    """A name that Ollama accepts, on a server of the run's own."""
    return f"rigguide-{_slug(model)}"


def name_elsewhere(model: str) -> str:
    """The same on a server that others use too: it says which process made it."""
    return f"rigguide-{_machine()}-{os.getpid()}-{_slug(model)}"


def _slug(model: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", model.lower())


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def remove_leftovers(api: Api) -> tuple[str, ...]:
    """Models of processes of this machine that were killed. Raises EngineFailed."""
    gone = tuple(name for name in api.names() if _is_left(name))
    for name in gone:
        api.delete(name)
    return gone


def _is_left(name: str) -> bool:
    ours = _OURS.match(name)
    return (
        ours is not None
        and ours["machine"] == _machine()
        and not psutil.pid_exists(int(ours["pid"]))
    )


def tidy() -> None:
    """On the server that the environment names, if any; that it does not answer is no trouble."""
    url = os.environ.get(URL, "").rstrip("/")
    if not url:
        return
    try:
        for name in remove_leftovers(Api(url, lambda: None)):
            log.info("%s was left on %s and is removed", name, url)
    except EngineFailed as error:
        log.warning("nobody looked for models left on %s: %s", url, error.reason)

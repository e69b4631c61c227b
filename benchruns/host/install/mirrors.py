"""uv follows its own configuration only. What pip was told on this machine holds for it too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

_UV_OF_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def environment() -> dict[str, str]:
    """Variables for uv. What is set for uv itself stays as it is."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return of_pip(done.stdout, os.environ)


def of_pip(listing: str, already: Mapping[str, str]) -> dict[str, str]:
    """From the lines of `pip config list`; the environment's own come last and win."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = _UV_OF_PIP.get(key.rpartition(".")[2])
        if name and name not in already:
            found[name] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    if "UV_FIND_LINKS" in found:  # uv separates these by commas
        found["UV_FIND_LINKS"] = found["UV_FIND_LINKS"].replace(" ", ",")
    if "UV_INDEX" in found:  # pip takes the best version of all indexes, uv of the first
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found

"""Any OpenAI-compatible server that already runs somewhere. It is not ours to start or stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import httpx

from benchruns.host.document import EngineFacts
from benchruns.host.errors import EngineFailed
from benchruns.host.load.dialect import Dialect

LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(slots=True)
class Endpoint:
    base_url: str  # without /v1
    model_name: str
    dialect: Dialect | None = None  # found out in the warm-up
    pid: int | None = None

    @property
    def local(self) -> bool:
        return urlparse(self.base_url).hostname in LOCAL

    def facts(self) -> EngineFacts:
        props, told = self._json("/props"), self._json("/version")
        version = str(told.get("version") or props.get("build_info") or "not told")
        return EngineFacts(
            id="endpoint",
            name=f"server at {self.base_url}",
            provider="a server that already ran",
            version=version,
            slots=props.get("total_slots"),
        )

    def _json(self, path: str) -> dict[str, Any]:
        try:
            answer = httpx.get(self.base_url + path, timeout=5, trust_env=False)
            found = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def alive(self) -> bool:
        """Only asked after failures: whether anybody answers there at all."""
        try:
            httpx.get(self.base_url + "/v1/models", timeout=5, trust_env=False)
        except httpx.TransportError:
            return False
        return True

    def ending(self) -> str:
        return "nobody answers there any more"

    def log_tail(self, characters: int = 8000) -> str:
        del characters
        return ""

    def stop(self) -> None:
        """Not ours."""


def connect(url: str, model_name: str) -> Endpoint:
    """Raises EngineFailed when nobody answers, ValueError for what is no address."""
    parts = urlparse(url)
    if "@" in parts.netloc:
        raise ValueError(
            "The address holds a user name or password, which would be kept with the result; "
            "give it without, as in http://127.0.0.1:8080"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not an address: it begins with http:// or https://")
    base = url.rstrip("/").removesuffix("/v1")
    endpoint = Endpoint(base, model_name)
    if not endpoint.alive():
        raise EngineFailed(f"Nobody answers at {base}.")
    return endpoint

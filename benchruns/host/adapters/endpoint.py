"""Any OpenAI-compatible server that already runs somewhere. It is not ours to start or stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key_variable: str | None = None  # where whoever repeats this puts a key

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
            answer = self._get(path)
            found = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _get(self, path: str) -> httpx.Response:
        url = self.base_url + path
        return httpx.get(url, timeout=5, trust_env=False, headers=self.headers)

    def alive(self) -> bool:
        """Only asked after failures: whether anybody answers there at all."""
        try:
            self._get("/v1/models")
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


def connect(
    url: str, model_name: str, api_key: str | None = None, key_variable: str | None = None
) -> Endpoint:
    """Raises EngineFailed when nobody answers, ValueError for what is no address.

    `api_key` goes with every request there, and into no document and no log; the name of the
    variable that held it is said in the command that repeats the measurement.
    """
    parts = urlparse(url)
    if "@" in parts.netloc:
        raise ValueError(
            "The address holds a user name or password, which would be kept with the result; "
            "give it without, as in http://127.0.0.1:8080"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not an address: it begins with http:// or https://")
    base = url.rstrip("/").removesuffix("/v1")
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    endpoint = Endpoint(base, model_name, headers=headers, key_variable=key_variable)
    if not endpoint.alive():
        raise EngineFailed(f"Nobody answers at {base}.")
    return endpoint

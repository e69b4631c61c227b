"""Ollama's HTTP API, as far as a measurement needs it: its `docs/api.md` and `api/types.go`."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchruns.host.errors import EngineFailed

_PART = 4 * 2**20
_LOAD_S = 600.0
_WORD_S = 30.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Api:
    """`check` is called while something takes long, and may raise. Raises EngineFailed."""

    base_url: str
    check: Callable[[], None]

    def version(self) -> str:
        return str(self._json("GET", "/api/version").get("version", "unknown"))

    def create(self, name: str, gguf: Path, context: int) -> None:
        """A model from that file. `context` is of each parallel request."""
        digest = self._digest(gguf)
        self._upload(gguf, digest)
        body = {
            "model": name,
            "files": {gguf.name: digest},
            "template": "{{ .Prompt }}",
            "parameters": {"num_ctx": context},
            "stream": False,
        }
        said = _said(self._patiently("/api/create", json=body))
        if said.get("status") != "success":
            raise EngineFailed(f"Ollama did not make the model: {said.get('error', said)}.")

    def _digest(self, gguf: Path) -> str:
        sha = hashlib.sha256()
        for part in self._parts(gguf):
            sha.update(part)
        return f"sha256:{sha.hexdigest()}"

    def _parts(self, gguf: Path) -> Iterator[bytes]:
        with gguf.open("rb") as file:
            while part := file.read(_PART):
                self.check()
                yield part

    def _upload(self, gguf: Path, digest: str) -> None:
        path = f"/api/blobs/{digest}"
        if self._ask("HEAD", path).status_code == 200:
            return
        length = {"Content-Length": str(gguf.stat().st_size)}
        answer = self._patiently(path, content=_async(self._parts(gguf)), headers=length)
        if answer.status_code not in {200, 201}:
            raise EngineFailed(f"Ollama did not take the weights: {_error(answer)}.")

    def load(self, name: str, keep_s: int) -> None:
        """Into memory, to stay there for `keep_s` after each request and no longer."""
        body = {"model": name, "prompt": "", "stream": False, "keep_alive": keep_s}
        _said(self._patiently("/api/generate", json=body))

    def running(self, name: str) -> dict[str, Any]:
        """What `/api/ps` says of a loaded model; empty where it is not loaded."""
        models = self._json("GET", "/api/ps").get("models") or []
        return next((m for m in models if str(m.get("name", "")).split(":")[0] == name), {})

    def names(self) -> tuple[str, ...]:
        """Of all models there."""
        models = self._json("GET", "/api/tags").get("models") or []
        return tuple(str(model.get("name", "")).removesuffix(":latest") for model in models)

    def delete(self, name: str) -> None:
        """Out of memory first, which deleting alone does not do. Fine where it is not there."""
        unload = {"model": name, "prompt": "", "stream": False, "keep_alive": 0}
        for method, path, body in (
            ("POST", "/api/generate", unload),
            ("DELETE", "/api/delete", {"model": name}),
        ):
            answer = self._ask(method, path, json=body)
            if answer.status_code not in {200, 404}:
                raise EngineFailed(f"Ollama did not remove {name}: {_error(answer)}.")

    def _json(self, method: str, path: str) -> dict[str, Any]:
        return _said(self._ask(method, path))

    def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        url = self.base_url + path
        try:
            return httpx.request(method, url, timeout=_WORD_S, trust_env=False, **what)
        except httpx.TransportError as error:
            raise EngineFailed(f"Ollama does not answer {path}: {error}.") from error

    def _patiently(self, path: str, **what: Any) -> httpx.Response:
        """What may take minutes; `check` is asked meanwhile, and Ollama sees us hang up."""
        try:
            return asyncio.run(self._watched(path, **what))
        except httpx.TransportError as error:
            raise EngineFailed(f"Ollama does not answer {path}: {error}.") from error

    async def _watched(self, path: str, **what: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=_LOAD_S, trust_env=False) as client:
            asked = asyncio.ensure_future(client.post(self.base_url + path, **what))
            try:
                while not (await asyncio.wait({asked}, timeout=_LOOK_S))[0]:
                    self.check()
                return asked.result()
            finally:
                asked.cancel()


async def _async(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _said(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise EngineFailed(f"Ollama refuses {asked}: {_error(answer)}.")
    said = answer.json()
    return said if isinstance(said, dict) else {}


def _error(answer: httpx.Response) -> str:
    try:
        return str(json.loads(answer.text)["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"

"""What a view answers to a page that wants a stream: which scene it may watch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.http import HttpResponse

from benchruns.live.of_hosts import HostsScene
from benchruns.live.of_run import RunScene

HEADER: Final = "X-Rigguide-Watch"
"""Goes no further than `asgi.py`. Only the site's own views set it."""

_SCENES: Final = {"run": RunScene, "hosts": HostsScene}


@dataclass(frozen=True, slots=True)
class Ticket:
    """`state`: of what kind the page was when it was made."""

    scene: RunScene | HostsScene
    state: str = ""

    def response(self) -> HttpResponse:
        kind = next(name for name, scene in _SCENES.items() if isinstance(self.scene, scene))
        text = json.dumps({"kind": kind, "scene": asdict(self.scene), "state": self.state})
        headers = {HEADER: text, "Cache-Control": "no-store"}
        return HttpResponse(content_type="text/event-stream; charset=utf-8", headers=headers)

    @classmethod
    def read(cls, text: bytes) -> Ticket:
        kept = json.loads(text)
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in kept["scene"].items()
        }
        return cls(_SCENES[kept["kind"]](**given), kept["state"])

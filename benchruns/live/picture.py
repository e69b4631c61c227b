"""What a watched page shows just now, in parts that can be sent one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from benchruns.live.news import News


class Gone(Exception):
    """There is nothing to watch any more."""


@dataclass(frozen=True)
class Picture:
    """All of it, so that whoever misses some loses nothing.

    `state`: of what kind the page is; where it changes the page asks for itself anew. `parts`: HTML
    by the id of the element it replaces. `over`: nothing will change any more.
    """

    state: str
    parts: Mapping[str, str]
    over: bool = False

    @cached_property
    def prints(self) -> Mapping[str, str]:
        """A short fingerprint of each part."""
        return {name: _print(html) for name, html in self.parts.items()}

    @cached_property
    def id(self) -> str:
        """The same for the same picture, in every process: what `Last-Event-ID` says."""
        return f"{self.state}~{_print(' '.join(f'{k}={v}' for k, v in self.prints.items()))}"


def state_of(event_id: str) -> str:
    return event_id.rpartition("~")[0]


def _print(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Scene(Hashable, Protocol):
    """Something that can be watched; equal scenes are drawn once for all their watchers.

    `pause_s` at least between two drawings; after `refresh_s` without news it is drawn again, for
    time goes by. `drawn` asks the database, in a thread. Raises Gone.
    """

    @property
    def pause_s(self) -> float: ...

    @property
    def refresh_s(self) -> float: ...

    def concerned_by(self, news: News) -> bool: ...

    def drawn(self) -> Picture: ...

"""Trying again: longer and longer pauses, and an end."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from benchruns.host.site_errors import SiteUnreachable

log = logging.getLogger(__name__)

T = TypeVar("T")


class Backoff:
    """0.5, 1, 2 … 10 seconds, each a little different so that hosts do not come in step."""

    def __init__(self, first_s: float = 0.5, most_s: float = 10.0) -> None:
        self._first_s = self._next_s = first_s
        self._most_s = most_s

    def next_s(self) -> float:
        now_s = self._next_s
        self._next_s = min(self._most_s, 2 * now_s)
        return now_s * random.uniform(0.8, 1.0)  # noqa: S311  (no secret)

    def reset(self) -> None:
        self._next_s = self._first_s


def persist(
    call: Callable[[], T],
    *,
    limit_s: float,
    wait: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Calls until the site answers; after `limit_s` the last SiteUnreachable is raised."""
    backoff, end = Backoff(), clock() + limit_s
    while True:
        try:
            return call()
        except SiteUnreachable as error:
            pause_s = backoff.next_s()
            if clock() + pause_s > end:
                raise
            log.warning("%s; trying again in %.1f s", error, pause_s)
            wait(pause_s)

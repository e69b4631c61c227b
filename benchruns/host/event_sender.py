"""Tells the site how a measurement goes without ever holding it up: a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType

from benchruns.host.board import Why
from benchruns.host.patience import Backoff
from benchruns.host.progress import Progress
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import SiteError, SiteUnreachable, Stale, Unauthorized

log = logging.getLogger(__name__)

MOST_WAITING = 200  # during an outage the oldest news is dropped first
FAREWELL_S = 3.0


class EventSender:
    """`report` returns at once. Events go out together, at most one call per `pace_s`."""

    def __init__(
        self,
        client: SiteClient,
        run: Claimed,
        stop: Callable[[Why], None],
        *,
        pace_s: float = 0.5,
    ) -> None:
        self._client, self._run, self._stop = client, run, stop
        self._pace_s = pace_s
        self._waiting: deque[Progress] = deque(maxlen=MOST_WAITING)
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="events", daemon=True)

    def report(self, progress: Progress) -> None:
        self._waiting.append(progress)
        self._news.set()

    def __enter__(self) -> EventSender:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What is left goes out if the site answers within a moment."""
        self._closing.set()
        self._news.set()
        self._thread.join(FAREWELL_S)

    def _serve(self) -> None:
        backoff = Backoff(most_s=5.0)
        while not self._closing.is_set():
            self._news.wait()
            if self._told():
                backoff.reset()
                self._closing.wait(self._pace_s)
            else:
                self._closing.wait(backoff.next_s())
        self._told()

    def _told(self) -> bool:
        """Sends all there is. False when the site does not answer: it is kept for later."""
        self._news.clear()
        events = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._send(events)
        except SiteUnreachable as error:
            log.info("progress not told: %s", error)
            self._waiting.extendleft(reversed(events))
            self._news.set()
            return False
        return True

    def _send(self, events: list[Progress]) -> None:
        try:
            if events and self._client.events(self._run, events).cancel:
                self._stop(Why.CANCELLED)
        except SiteUnreachable:
            raise
        except (Stale, Unauthorized):
            self._stop(Why.LOST)  # the worker, which keeps the lease, says why
        except SiteError as error:
            log.warning("the site refused %d events: %s", len(events), error)

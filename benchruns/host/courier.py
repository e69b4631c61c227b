"""Carries progress out and the wish to stop in, without ever holding up the load generator.

Both callbacks may be slow (they may talk to a site), so one background thread calls them.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Any

from benchruns.host.errors import Cancelled
from benchruns.host.progress import IsCancelled, Phase, Progress, Report

_LOOK_S = 0.1  # how often the wish to stop is asked for
_LIVE_S = 0.5  # live figures no more often than this


class Courier:
    """Use as a context; `tell` never blocks, `check` raises Cancelled soon after the wish."""

    def __init__(self, report: Report, cancelled: IsCancelled) -> None:
        self._report, self._cancelled = report, cancelled
        self._waiting: deque[Progress] = deque()
        self._trouble: BaseException | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._last_live = 0.0

    def __enter__(self) -> Courier:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join(timeout=2)

    def tell(self, phase: Phase, message: str, **rest: Any) -> None:
        progress = Progress(at=datetime.now(UTC), phase=phase, message=message, **rest)
        self._waiting.append(progress)

    def tell_live(self, phase: Phase, message: str, **rest: Any) -> None:
        """Figures that are out of date soon: some are left out, and only the newest waits."""
        if monotonic() - self._last_live < _LIVE_S or self._waiting:
            return
        self._last_live = monotonic()
        self.tell(phase, message, **rest)

    def check(self) -> None:
        """Raises Cancelled, or whatever one of the callbacks raised."""
        if self._trouble is not None:
            raise self._trouble

    def _run(self) -> None:
        while not self._closing.wait(_LOOK_S):
            self._step()
        self._step()

    def _step(self) -> None:
        try:
            while self._waiting:
                self._report(self._waiting.popleft())
            if self._trouble is None and self._cancelled():
                self._trouble = Cancelled()
        except BaseException as error:  # raised again by `check`
            self._trouble = error

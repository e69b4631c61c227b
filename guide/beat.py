"""Celery beat that goes on when the machine's wall clock is set back.

Beat plans by the wall clock. Set back by ten minutes it would do nothing for ten minutes, leases
among it; the fault suite found that.
"""

from __future__ import annotations

import time
from typing import Any, Final

from celery.beat import PersistentScheduler

JUMP_S: Final = 1.0
"""The least that counts as set back; clocks are also slewed, little by little."""


class SteadyScheduler(PersistentScheduler):
    """Compares the wall clock with the one that nobody sets, before each tick."""

    ahead_s: float | None = None  # of the wall clock before the steady one, at the last tick

    def tick(self, *arguments: Any, **named: Any) -> Any:
        ahead_s = time.time() - time.monotonic()
        if self.ahead_s is None or ahead_s < self.ahead_s - JUMP_S:
            self._plan_anew()
        self.ahead_s = ahead_s
        return super().tick(*arguments, **named)

    def _plan_anew(self) -> None:
        """Nothing can have run later than now, whatever was written down."""
        for entry in self.schedule.values():
            now = entry.default_now()
            entry.last_run_at = min(entry.last_run_at or now, now)
        self._heap = None

"""Is the client itself the bottleneck? Its event loop is asked to wake on time and checked."""

from __future__ import annotations

import asyncio
from time import perf_counter

_TICK_S = 0.01


class LagMeter:
    """Lateness of the loop's wake-ups in milliseconds."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            due = perf_counter() + _TICK_S
            await asyncio.sleep(_TICK_S)
            self.late_ms.append((perf_counter() - due) * 1000)

    def p99_ms(self) -> float | None:
        if len(self.late_ms) < 20:
            return None
        return sorted(self.late_ms)[int(len(self.late_ms) * 0.99)]

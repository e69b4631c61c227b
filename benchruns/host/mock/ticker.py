"""One timer for all streams: what is due is done in one go, and how late it was is kept."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

_MOST_KEPT = 1_000_000


@dataclass(slots=True)
class Ticker:
    """Times are of perf_counter. `late_s`: of each thing done, in the order of doing."""

    late_s: list[float] = field(default_factory=list)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: count[int] = field(default_factory=count)
    _timer: asyncio.TimerHandle | None = None
    _aim: float = float("inf")

    def at(self, due: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (due, next(self._number), do))
        if due < self._aim:
            self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._aim = self._due[0][0] if self._due else float("inf")
        self._timer = None
        if self._due:
            pause = max(0.0, self._aim - perf_counter())
            self._timer = asyncio.get_running_loop().call_later(pause, self._tick)

    def _tick(self) -> None:
        self._aim = float("-inf")  # whoever is added meanwhile need not set the timer
        while self._due and self._due[0][0] <= (now := perf_counter()):
            due, _, do = heapq.heappop(self._due)
            if len(self.late_s) < _MOST_KEPT:
                self.late_s.append(now - due)
            do()
        self._wait()

    async def until(self, due: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not done.done():  # whoever waited may have gone
                done.set_result(None)

        self.at(due, wake)
        await done

    def lag_ms(self) -> dict[str, float | int | None]:
        """How late it was: a mock that is late itself proves nothing about an instrument."""
        late = sorted(self.late_s)
        told: dict[str, float | int | None] = {"n": len(late)}
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            place = min(len(late) - 1, int(share * len(late)))
            told[name] = round(1000 * late[place], 3) if late else None
        return told

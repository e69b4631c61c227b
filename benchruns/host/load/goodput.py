"""The most clients for whom the targets hold: doubling until they do not, then halving the gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchruns.host.document import Summary
from benchruns.host.plan import Targets

MOST_CLIENTS = 1024
CLOSE = 0.05  # of the number of clients: nobody plans finer than this
NEEDS = 20  # answers for a p95 and a p5, beside those of the cool-down


def holds(found: Summary, targets: Targets) -> bool | None:
    """None where too few answers are known to tell. A failed request is no service at all."""
    if found.not_ok:
        return False
    ttft, rate = found.ttft_ms.p95, found.tok_s_per_user.p5
    if (targets.ttft_ms is not None and ttft is None) or (
        targets.tokens_per_user is not None and rate is None
    ):
        return None
    quick = targets.ttft_ms is None or (ttft is not None and ttft <= targets.ttft_ms)
    fast = targets.tokens_per_user is None or (rate is not None and rate >= targets.tokens_per_user)
    return quick and fast


@dataclass(slots=True)
class Search:
    """Told of each try, it names the next number of clients, or None when it is over.

    `held`: the most that got it (0: none is known to), `missed`: the fewest that did not.
    """

    most: int = MOST_CLIENTS
    held: int = 0
    missed: int | None = None

    def tell(self, clients: int, held: bool) -> None:
        if held:
            self.held = max(self.held, clients)
        elif self.missed is None or clients < self.missed:
            self.missed = clients
        if self.missed is not None and self.held >= self.missed:
            self.held = 0 if self.missed == 1 else min(self.held, self.missed - 1)

    def learn(self, tries: Iterable[tuple[int, bool]]) -> None:
        for clients, held in tries:
            self.tell(clients, held)

    @property
    def over(self) -> bool:
        return self.next() is None

    def next(self) -> int | None:
        if self.missed is None:
            return None if self.held >= self.most else min(self.most, max(1, 2 * self.held))
        gap = self.missed - self.held
        if gap <= max(1, CLOSE * self.held):
            return None
        return self.held + gap // 2

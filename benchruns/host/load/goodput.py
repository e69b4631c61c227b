"""The most clients for whom the targets hold: doubling until they do not, then halving the gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from benchruns.host.document import Summary
from benchruns.host.plan import Targets
from benchruns.host.verdict import TOO_FEW

MOST_CLIENTS = 1024
CLOSE = 0.05  # of the number of clients: nobody plans finer than this
NEEDS = 20  # answers for a p95 and a p5


def of_a_try(clients: int) -> int:
    """How many answers it takes: three for each client, for those of one wave are alike, and as
    many as clients for the cool-down.
    """
    return max(NEEDS, TOO_FEW * clients) + clients


def holds(found: Summary, targets: Targets) -> bool | None:
    """None where too few answers are known to tell. A failed request is no service at all."""
    return False if found.not_ok else _quick_enough(found, targets)


def failed_once(found: Summary, targets: Targets) -> bool:
    """Whether one lone failure is all that speaks against it: it may have been chance."""
    return found.not_ok == 1 and _quick_enough(found, targets) is not False


def _quick_enough(found: Summary, targets: Targets) -> bool | None:
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

    `held`: the most tried that got it, below whom nobody missed it (0: none is known to).
    `missed`: the fewest tried that did not.
    """

    most: int = MOST_CLIENTS
    missed: int | None = None
    _held: set[int] = field(default_factory=set)
    _doubted: set[int] = field(default_factory=set)
    _again: int | None = None

    @property
    def held(self) -> int:
        below = self.most + 1 if self.missed is None else self.missed
        return max((clients for clients in self._held if clients < below), default=0)

    def tell(self, clients: int, held: bool) -> None:
        self._settle(clients)
        if held:
            self._held.add(clients)
        elif self.missed is None or clients < self.missed:
            self.missed = clients

    def learn(self, tries: Iterable[tuple[int, bool]]) -> None:
        for clients, held in tries:
            self.tell(clients, held)

    def doubt(self, clients: int) -> bool:
        """Whether to try once more with so many, which comes next; False the second time."""
        self._settle(clients)
        if clients in self._doubted:
            return False
        self._doubted.add(clients)
        self._again = clients
        return True

    def _settle(self, clients: int) -> None:
        if self._again == clients:
            self._again = None

    @property
    def over(self) -> bool:
        return self.next() is None

    def next(self) -> int | None:
        if self._again is not None:
            return self._again
        held = self.held
        if self.missed is None:
            return None if held >= self.most else min(self.most, max(1, 2 * held))
        gap = self.missed - held
        return None if gap <= max(1, CLOSE * held) else held + gap // 2

"""What hardware advice says: plain values that pages, files and share links keep and render.

Memory in GiB, speed in output tokens/s for each user, first token in ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

What = Literal["memory", "tokens-per-user", "first-token"]


@dataclass(frozen=True, slots=True)
class Margin:
    """How far a machine is from a limit. `spare` is a share: 0.31 is 31 % to spare.

    Memory: what is needed (`value`) of what there is (`limit`); `holds`: conversations that a pool
    has room for in what is left to it. A speed: the middle of the estimate, its interval, and what
    was asked. `sure`: the interval's worse end meets it too.
    """

    what: What
    value: float
    low: float | None
    high: float | None
    limit: float
    spare: float
    sure: bool
    assumed: bool = False  # nobody asked for it: a pace people can read at
    holds: int | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """For a million output tokens; `low` is the cheap end, which is the fast one."""

    currency: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine that meets the need. `answers` turn advice into a recipe for it."""

    device: str  # catalogue id
    name: str
    count: int
    memory_gib: float  # of all accelerators together
    bandwidth_gb_s: float  # of one
    engine: str  # which the house decision takes there
    quant: str
    margins: tuple[Margin, ...]
    answers: tuple[tuple[str, str], ...]
    tok_s: float | None = None  # output tokens of all requests together
    tok_s_low: float | None = None
    tok_s_high: float | None = None
    cost: Money | None = None  # where an admin gave its price

    @property
    def sure(self) -> bool:
        """Even the worse end of each interval meets what was asked."""
        return all(margin.sure for margin in self.margins)


@dataclass(frozen=True, slots=True)
class Lacking:
    """The next smaller machine, and what it lacks."""

    name: str
    count: int
    memory_gib: float
    text: str


@dataclass(frozen=True, slots=True)
class Family:
    """Machines of one kind. `smallest` None: none meets the need, `why_none` says what lacks.

    `sure` is the smallest whose interval's worse end meets it too, where that is another one.
    """

    id: str
    label: str
    smallest: Machine | None
    sure: Machine | None = None
    smaller: Lacking | None = None
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """Families with the smallest machine first; those without any last.

    `requests` at once, each with a conversation of `context` tokens.
    """

    model: str
    model_name: str
    quant: str  # "" where none was asked for
    requests: int
    context: int
    tokens_per_user: float | None
    ttft_ms: float | None
    pace_assumed: bool
    families: tuple[Family, ...]
    tried: int  # machines of the catalogue that were looked at

    @property
    def smallest(self) -> Machine | None:
        """Of all families."""
        return next((f.smallest for f in self.families if f.smallest), None)

"""How far a machine has come that a one-time code was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from benchruns.models import EnrolmentCode, Host


@dataclass(frozen=True, slots=True)
class Step:
    """`at` None: not reached."""

    title: str
    at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    code: EnrolmentCode
    steps: tuple[Step, ...]

    @property
    def host(self) -> Host | None:
        return self.code.host

    @property
    def too_late(self) -> bool:
        return self.code.used_at is None and self.code.expires_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        """Nothing more is to be expected."""
        arrived = self.steps[-1].at is not None
        return arrived or self.too_late or (self.host is not None and not _attached(self.host))

    @property
    def next_step(self) -> str:
        """What is waited for."""
        return next((step.title for step in self.steps if step.at is None), "")


def arrival(code: EnrolmentCode) -> Arrival:
    return Arrival(code, tuple(_steps(code)))


def _steps(code: EnrolmentCode) -> Iterator[Step]:
    host = code.host
    yield Step("Command made", code.created_at)
    if host is None:
        yield from (Step(title, None) for title in ("Enrolled", "Hardware probed", "First claim"))
        return
    able = ", ".join(host.measures)
    asks = f"It can start {able}." if able else "It can start no engine yet: install one there."
    yield Step("Enrolled", host.attached_at, host.name)
    yield Step("Hardware probed", host.probed_at, host.summary if host.probed_at else "")
    yield Step("First claim", host.first_claim_at, asks if host.first_claim_at else "")


def _attached(host: Host) -> bool:
    return host.revoked_at is None

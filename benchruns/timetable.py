"""When something is due that comes again and again. Pure; all times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db.models import TextChoices

WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


class Every(TextChoices):
    DAY = "day", "every day"
    WEEK = "week", "every week"
    NEVER = "never", "not by the clock"


def next_after(now: datetime, every: Every, weekday: int, at: time) -> datetime | None:
    """The first time strictly after `now`; None for what does not go by the clock.

    `weekday` counts from Monday, 0, and matters to what comes every week only. UTC has no summer
    time, so a day has 24 hours and nothing is due twice or never on the days clocks change.
    """
    if every == Every.NEVER:
        return None
    now = now.astimezone(UTC)
    due = datetime.combine(now.date(), at, UTC)
    if every == Every.WEEK:
        due += timedelta(days=(weekday - due.weekday()) % 7)
    step = timedelta(days=7 if every == Every.WEEK else 1)
    return due if due > now else due + step

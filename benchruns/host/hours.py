"""When a machine takes work: a window of its own local time, such as 22-06."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

_WINDOW = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?")
FORM = "such as 22-06 or 18:30-07:00, in this machine's local time"


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True)
class Hours:
    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Raises ValueError with a sentence."""
        found = _WINDOW.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no window of hours: write it {FORM}.")
        first, second = _clock(found[1], found[2], text), _clock(found[3], found[4], text)
        if first == second:
            raise ValueError(f"{text!r} begins when it ends; leave the hours out for all day.")
        return cls(first, second)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def open_at(self, now: datetime) -> bool:
        clock = now.time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def minutes_to_change(self, now: datetime) -> float:
        """Until the window closes where it is open, until it opens where it is closed."""
        edge = self.end if self.open_at(now) else self.start
        # Each made aware by itself: the clocks may be set forward or back in between.
        today, day = datetime.combine(now.date(), edge), timedelta(days=1)
        coming = today if edge > now.time() else today + day
        return max(0.0, (coming.astimezone(now.tzinfo) - now).total_seconds() / 60)


def _clock(hour: str, minute: str | None, text: str) -> time:
    hours, minutes = int(hour) % 24 if int(hour) <= 24 else 99, int(minute or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"{text!r} names a time that no clock shows: write it {FORM}.")
    return time(hours, minutes)

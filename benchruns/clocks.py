"""Times that hosts tell, made fit for a row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_YEARS: Final = range(2020, 2101)


def told(at: datetime) -> datetime:
    """In UTC; without a zone it was meant so. Raises ValueError for a year no clock should show."""
    if at.year not in _YEARS:
        msg = f"the year {at.year} is not between {_YEARS[0]} and {_YEARS[-1]}: set the clock"
        raise ValueError(msg)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

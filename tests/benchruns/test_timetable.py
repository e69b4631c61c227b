"""When what comes again and again is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchruns.timetable import Every, next_after

SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "weekday", "at", "due"),
    [
        (Every.DAY, 0, time(13), datetime(2026, 11, 21, 13, tzinfo=UTC)),
        (Every.DAY, 0, time(12), datetime(2026, 11, 22, 12, tzinfo=UTC)),
        (Every.DAY, 0, time(3), datetime(2026, 11, 22, 3, tzinfo=UTC)),
        (Every.WEEK, 0, time(3), datetime(2026, 11, 23, 3, tzinfo=UTC)),
        (Every.WEEK, 5, time(13), datetime(2026, 11, 21, 13, tzinfo=UTC)),
        (Every.WEEK, 5, time(12), datetime(2026, 11, 28, 12, tzinfo=UTC)),
        (Every.WEEK, 4, time(12), datetime(2026, 11, 27, 12, tzinfo=UTC)),
        (Every.NEVER, 0, time(12), None),
    ],
)
def test_it_is_due_the_next_time_after_now(
    every: Every, weekday: int, at: time, due: datetime | None
) -> None:
    assert next_after(SATURDAY, every, weekday, at) == due


def test_where_somebody_is_makes_no_difference() -> None:
    there = SATURDAY.astimezone(timezone(timedelta(hours=-9)))
    assert next_after(there, Every.WEEK, 5, time(13)) == next_after(
        SATURDAY, Every.WEEK, 5, time(13)
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([Every.DAY, Every.WEEK]),
    st.integers(0, 6),
    st.times(),
)
def test_it_is_due_once_in_each_period(now: datetime, every: Every, weekday: int, at: time) -> None:
    period = timedelta(days=1 if every == Every.DAY else 7)
    due = next_after(now, every, weekday, at)
    assert due is not None
    assert now < due <= now + period
    assert due.time() == at
    assert every == Every.DAY or due.weekday() == weekday
    assert next_after(due, every, weekday, at) == due + period

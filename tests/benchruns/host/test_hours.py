"""A machine takes work in the hours that its owner gives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from benchruns.host.hours import Hours

THERE = timezone(timedelta(hours=2))


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 21, hour, minute, tzinfo=THERE)


@pytest.mark.parametrize(
    ("window", "open_at", "closed_at"),
    [
        ("22-06", ["22:00", "23:59", "00:00", "05:59"], ["06:00", "12:00", "21:59"]),
        ("09:30-17", ["09:30", "16:59"], ["09:29", "17:00", "23:00"]),
        ("20-24", ["20:00", "23:59"], ["00:00", "19:59"]),
    ],
)
def test_it_is_open_in_its_window_over_midnight_too(
    window: str, open_at: list[str], closed_at: list[str]
) -> None:
    hours = Hours.parse(window)
    assert all(hours.open_at(at(clock)) for clock in open_at)
    assert not any(hours.open_at(at(clock)) for clock in closed_at)


@pytest.mark.parametrize(
    ("clock", "minutes"), [("22:00", 480), ("05:30", 30), ("06:00", 960), ("21:45", 15)]
)
def test_it_knows_when_that_changes(clock: str, minutes: int) -> None:
    now = at(clock).astimezone()
    local = Hours.parse(f"{at('22:00').astimezone():%H:%M}-{at('06:00').astimezone():%H:%M}")
    assert local.minutes_to_change(now) == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("night", "'night' is no window of hours: write it such as 22-06"),
        ("22", "is no window of hours"),
        ("25-06", "names a time that no clock shows"),
        ("22-06:75", "names a time that no clock shows"),
        ("08-08", "begins when it ends; leave the hours out for all day"),
    ],
)
def test_what_is_no_window_is_refused(given: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Hours.parse(given)


def test_it_is_said_as_clocks_say_it() -> None:
    assert str(Hours.parse(" 9 - 17:30 ")) == "09:00-17:30"
    assert Hours.parse("22-06").open_at(datetime(2026, 11, 21, 23, tzinfo=UTC))

"""Beat goes on when the wall clock of its machine is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from guide import beat
from guide.beat import SteadyScheduler


def utcnow() -> datetime:
    return datetime.now(UTC)


class Heard(SteadyScheduler):
    """Remembers what it would have sent; there is no broker."""

    producer = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.sent: list[str] = []
        super().__init__(*arguments, **named)

    def apply_async(self, entry: Any, *_: Any, **__: Any) -> None:
        self.sent.append(entry.name)


@pytest.fixture
def scheduler(tmp_path: Path) -> Heard:
    app = Celery("story", set_as_current=False, fixups=[])
    app.conf.beat_schedule = {"look": {"task": "look", "schedule": 2.0}}
    return Heard(app=app, schedule_filename=str(tmp_path / "schedule"))


def look(scheduler: Heard) -> None:
    """A tick for each thing that may be due."""
    for _ in range(3):
        scheduler.tick()


def last_run(scheduler: Heard) -> Any:
    return scheduler.schedule["look"]


def test_it_goes_on_when_the_clock_is_set_back(
    scheduler: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_run(scheduler).last_run_at = utcnow() - timedelta(seconds=3)
    look(scheduler)
    assert scheduler.sent == ["look"]
    last_run(scheduler).last_run_at = utcnow() + timedelta(minutes=10)  # it was later just now
    scheduler.ahead_s = (scheduler.ahead_s or 0.0) + 600
    scheduler.tick()
    assert last_run(scheduler).last_run_at <= utcnow()


def test_it_goes_on_when_the_clock_was_set_back_while_it_was_down(scheduler: Heard) -> None:
    last_run(scheduler).last_run_at = utcnow() + timedelta(hours=1)
    scheduler.tick()
    assert last_run(scheduler).last_run_at <= utcnow()


def test_a_clock_that_goes_on_changes_nothing(scheduler: Heard) -> None:
    look(scheduler)
    planned = last_run(scheduler).last_run_at
    assert scheduler.ahead_s is not None
    scheduler.ahead_s += beat.JUMP_S / 2  # slewed, not set
    look(scheduler)
    assert last_run(scheduler).last_run_at == planned

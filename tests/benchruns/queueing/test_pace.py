"""How long runs take is told from runs, and not told without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchruns.queueing.pace import FEW, Took, Work, expected_s, left_s

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUICK = Work("measure", "llama.cpp", "llama-3.2-1b", "Q8_0", 150.0)
OTHER_MODEL = Work("measure", "vllm", "llama-3.1-8b", "FP8", 150.0)
THOROUGH = Work("measure", "llama.cpp", "llama-3.2-1b", "Q8_0", 1800.0)


def test_the_same_work_is_expected_to_take_what_it_took() -> None:
    past = [Took(QUICK, 50), Took(QUICK, 70), Took(QUICK, 60), Took(OTHER_MODEL, 500)]
    assert expected_s(QUICK, past) == 60


def test_without_the_same_work_other_work_by_the_same_plan_tells() -> None:
    assert expected_s(OTHER_MODEL, [Took(QUICK, 60), Took(THOROUGH, 900)]) == 60


def test_nothing_is_expected_of_what_was_never_done() -> None:
    assert expected_s(QUICK, []) is None
    assert expected_s(QUICK, [Took(THOROUGH, 900)]) is None


def test_only_the_newest_count() -> None:
    upgraded = [Took(QUICK, 10)] * FEW
    assert expected_s(QUICK, [*upgraded, *[Took(QUICK, 100)] * 500]) == 10


def test_what_is_left_follows_from_the_pace_since_it_began_to_measure() -> None:
    assert left_s(0.5, NOW - timedelta(seconds=25), NOW) == pytest.approx(50)
    assert left_s(0.75, NOW - timedelta(seconds=50), NOW) == pytest.approx(25)
    assert left_s(1.0, NOW - timedelta(seconds=50), NOW) == 0


@pytest.mark.parametrize(
    ("fraction", "since_s"), [(None, 60), (0.26, 60), (0.4, 60), (0.5, 3), (0.5, None)]
)
def test_too_little_tells_nothing(fraction: float | None, since_s: float | None) -> None:
    since = None if since_s is None else NOW - timedelta(seconds=since_s)
    assert left_s(fraction, since, NOW) is None

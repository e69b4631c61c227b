"""Trying again, and when to stop."""

from __future__ import annotations

import pytest

from benchruns.host.patience import Backoff, persist
from benchruns.host.site_errors import SiteUnreachable, Stale


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_pauses_double_up_to_ten_seconds() -> None:
    backoff = Backoff()

    pauses = [backoff.next_s() for _ in range(8)]

    wholes = [0.5, 1, 2, 4, 8, 10, 10, 10]
    assert all(0.8 * whole <= pause <= whole for whole, pause in zip(wholes, pauses, strict=True))


def test_after_an_answer_pauses_begin_anew() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.next_s()

    backoff.reset()

    assert backoff.next_s() <= 0.5


def test_it_tries_until_there_is_an_answer() -> None:
    clock = Clock()
    answers: list[str | SiteUnreachable] = [SiteUnreachable("away"), SiteUnreachable("away"), "yes"]

    def call() -> str:
        answer = answers.pop(0)
        if isinstance(answer, SiteUnreachable):
            raise answer
        return answer

    assert persist(call, limit_s=60, wait=clock.wait, clock=clock) == "yes"
    assert 1.2 <= clock.now <= 1.5


def test_it_gives_up_in_the_end() -> None:
    clock = Clock()

    def call() -> None:
        raise SiteUnreachable("away")

    with pytest.raises(SiteUnreachable):
        persist(call, limit_s=30, wait=clock.wait, clock=clock)
    assert 20 <= clock.now <= 30


def test_a_refusal_is_not_tried_again() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise Stale("not yours")

    with pytest.raises(Stale):
        persist(call, limit_s=60, wait=lambda _s: None)
    assert calls == [1]

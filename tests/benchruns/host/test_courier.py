from __future__ import annotations

import threading

import pytest

from benchruns.host.courier import Courier
from benchruns.host.errors import Cancelled
from benchruns.host.progress import Progress
from tests.benchruns.host.instrument import Heard, never


def test_it_delivers_everything_in_order() -> None:
    heard = Heard()
    with Courier(heard, never) as courier:
        for number in range(20):
            courier.tell("preparing", str(number))
    assert [p.message for p in heard.news] == [str(n) for n in range(20)]


def test_it_never_holds_up_whoever_tells() -> None:
    release, entered = threading.Event(), threading.Event()

    def slow(_progress: Progress) -> None:
        entered.set()
        release.wait(10)

    with Courier(slow, never) as courier:
        courier.tell("measuring", "one")
        assert entered.wait(5)
        for _ in range(1000):
            courier.tell_live("measuring", "many")
        courier.check()
        release.set()


def test_it_raises_cancelled_when_somebody_wishes_it() -> None:
    wish = threading.Event()
    with Courier(Heard(), wish.is_set) as courier:
        courier.check()
        wish.set()
    with pytest.raises(Cancelled):  # it looked a last time when it closed
        courier.check()


def test_it_raises_what_a_callback_raised() -> None:
    failed = threading.Event()

    def broken(_progress: Progress) -> None:
        failed.set()
        raise ZeroDivisionError("in the callback")

    with Courier(broken, never) as courier:
        courier.tell("preparing", "one")
        assert failed.wait(5)
    with pytest.raises(ZeroDivisionError, match="in the callback"):
        courier.check()

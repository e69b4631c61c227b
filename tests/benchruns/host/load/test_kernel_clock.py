"""The kernel knows when a piece came, however late anybody looks."""

from __future__ import annotations

import asyncio
import socket
import sys
from time import perf_counter, sleep

import pytest

from benchruns.host.load.kernel_clock import Tap, tells
from benchruns.host.load.wire import StampedLoop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell")


class _Nobody(asyncio.Protocol):
    """Reads nothing: the tap does."""


class Line:
    """A connection with a tap on it; `seen` and `ended` are what the tap told."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, float | None]] = []
        self.ended: list[Exception | None] = []

    async def open(self) -> Line:
        listening = socket.create_server(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        made, _ = await loop.create_connection(_Nobody, *listening.getsockname()[:2])
        self.transport, (self.other, _) = made, listening.accept()
        listening.close()
        self.tap = Tap(made, lambda *piece: self.seen.append(piece), self.ended.append)
        return self

    async def told(self) -> float:
        """Of the next piece, when it arrived."""
        before = len(self.seen)
        while len(self.seen) == before:
            await asyncio.sleep(0)
        at = self.seen[-1][1]
        assert at is not None
        return at

    def close(self) -> None:
        self.tap.close()
        self.tap.close()  # no harm
        self.transport.close()
        self.other.close()


def run(go: object) -> None:
    with asyncio.Runner(loop_factory=StampedLoop) as runner:
        runner.run(go)  # type: ignore[arg-type]


def test_who_reads_late_still_knows_when_it_came() -> None:
    async def go() -> None:
        line = await Line().open()
        before = perf_counter()
        line.other.send(b"token")
        sleep(0.02)  # as if the machine were busy with something else
        looked = perf_counter()
        assert before <= await line.told() < looked
        line.close()

    run(go())


def test_what_comes_between_the_look_and_the_reading_is_not_too_early() -> None:
    """A socket that is known to be readable gets more before it is read."""

    async def go() -> None:
        line = await Line().open()
        line.other.send(b"headers")
        asyncio.get_running_loop().call_soon(sleep, 0.02)
        sent = perf_counter()
        line.other.send(b"token")
        assert await line.told() >= sent
        assert b"".join(data for data, _ in line.seen) == b"headerstoken"
        line.close()

    run(go())


def test_the_end_of_a_connection_is_told_once() -> None:
    async def go() -> None:
        line = await Line().open()
        line.other.close()
        while not line.ended:
            await asyncio.sleep(0)
        line.close()
        assert (line.seen, line.ended) == ([], [None])

    run(go())


def test_a_clock_set_meanwhile_moves_no_piece_out_of_its_look() -> None:
    loop = StampedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(asyncio.sleep(0))
        assert loop.arrived(-1e6) > 0
        assert loop.arrived(1e9) <= perf_counter()


def test_of_an_encrypted_stream_nothing_is_asked() -> None:
    loop = StampedLoop()
    assert tells(loop, tls=False)
    assert not tells(loop, tls=True)
    loop.close()

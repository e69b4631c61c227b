"""Bytes with the time at which the kernel got them, where it tells (Linux).

Between a packet's arrival and its being read lies whatever else the machine does: milliseconds on a
busy one, in which more may arrive. The time of the look at the sockets is too early for that, the
time of reading too late for the rest.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from collections.abc import Callable
from time import perf_counter, time

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python 3.11 has no name for it
_TIMESPEC = struct.Struct("@qq")  # seconds and nanoseconds, as 64-bit Linux has them
_ROOM = socket.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket, "CMSG_SPACE") else 0
_MOST_READ = 65_536
_TRIES, _AT_ONCE_S = 5, 20e-6

Took = Callable[[bytes, float | None], None]
"""Data, and when it arrived by perf_counter; None where the kernel did not say."""
Lost = Callable[[Exception | None], None]


def tells(loop: asyncio.AbstractEventLoop, *, tls: bool) -> bool:
    """Of a TLS stream the kernel does not know when a piece of text was whole."""
    wide = struct.calcsize("P") == 8
    return sys.platform == "linux" and wide and not tls and hasattr(loop, "_selector")


class Tap:
    """Reads a transport's socket in its place; writing and closing stay with the transport."""

    def __init__(self, transport: asyncio.Transport, took: Took, lost: Lost) -> None:
        transport.pause_reading()
        self._took, self._lost = took, lost
        self._loop = asyncio.get_running_loop()
        # A transport's own descriptor may have no second reader; a copy of it may.
        number = os.dup(transport.get_extra_info("socket").fileno())
        self._socket = socket.socket(fileno=number)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._loop.add_reader(number, self._read)

    def close(self) -> None:
        """May be called again."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def _read(self) -> None:
        try:
            data, told, _, _ = self._socket.recvmsg(_MOST_READ, _ROOM)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error)
            return
        if data:
            self._took(data, _arrived(told))
        else:
            self._end(None)

    def _end(self, error: Exception | None) -> None:
        self.close()
        self._lost(error)


def _arrived(told: list[tuple[int, int, bytes]]) -> float | None:
    for level, kind, value in told:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = map(float, _TIMESPEC.unpack(value))
            return seconds + nanoseconds * 1e-9 - _time_of_day_ahead_s()
    return None


def _time_of_day_ahead_s() -> float:
    """The kernel's time is that of day, which may be set at any time: compared with perf_counter
    for each piece anew. Who is interrupted between the two looks again.
    """
    for _ in range(_TRIES):
        before, wall, after = perf_counter(), time(), perf_counter()
        if after - before < _AT_ONCE_S:
            break
    return wall - (before + after) / 2

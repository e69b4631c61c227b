"""The road between a host and its site, which can be bad in every way a road can."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Weather = Literal["fine", "refused", "silent", "answers-lost", "slow"]
"""refused: hangs up. silent: takes everything, passes nothing on. answers-lost: the site hears and
does what it is asked, and nobody learns of it. slow: every piece waits `delay_s`."""


@dataclass(eq=False)
class Road:
    """One host's way to one port of the site. `weather` may change at any time."""

    target_port: int
    weather: Weather = "fine"
    delay_s: float = 0.3
    port: int = 0
    hung_up: int = 0
    answers_lost: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._visit, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather == "refused":
            self._hang_up(writer)
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:  # the site is dead just now
            self._hang_up(writer)
            return
        self._open |= {writer, there[1]}
        ways = self._carry(reader, there[1], self._asks), self._carry(there[0], writer, self._tells)
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, there[1]):
            self._open.discard(end)
            end.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passes: Callable[[], bool | None],
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                while self.weather == "silent":
                    await asyncio.sleep(0.05)
                if self.weather == "slow":
                    await asyncio.sleep(self.delay_s)
                if not passes():
                    return
                writer.write(piece)
                await writer.drain()

    def _asks(self) -> bool:
        return True

    def _tells(self) -> bool:
        if self.weather == "answers-lost":
            self.answers_lost += 1
            return False
        return True

    def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        self.hung_up += 1
        writer.transport.abort()

    def turn(self, weather: Weather) -> None:
        self.weather = weather
        if weather == "refused":
            for writer in list(self._open):
                self._hang_up(writer)


class Roads:
    """All of them, in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="roads", daemon=True)
        self._thread.start()

    def open(self, target_port: int) -> Road:
        road = Road(target_port)
        asyncio.run_coroutine_threadsafe(road.serve(), self._loop).result(10)
        return road

    def turn(self, road: Road, weather: Weather) -> None:
        self._loop.call_soon_threadsafe(road.turn, weather)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(_end_all(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _end_all() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)

"""HTTP/1.1 as the load generator needs it: one request a connection, every byte with its time.

Why not a client library: what a library does between the kernel's "there is data" and the caller
takes longer than the differences that are to be measured, and takes them from the engine's cores.
Here a chunk costs one read and one list entry; what it says is looked at when the answer is over.
"""

from __future__ import annotations

import asyncio
import selectors
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from benchruns.host.load.kernel_clock import Tap, tells

MOST_BYTES = 64 * 2**20  # an answer longer than this is none
CONNECT_S = 10.0
DONE = b"[DONE]"

Arrived = Callable[[float | None], float]
"""When data arrived, given what the kernel said of it."""


class WireError(Exception):
    """The other end did not speak HTTP, or hung up in the middle."""


class _Stamped(selectors.DefaultSelector):
    """Remembers its last two looks at the sockets."""

    woke = before = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        self.before, self.woke = self.woke, perf_counter()
        return ready


class StampedLoop(asyncio.SelectorEventLoop):
    """What one look at the sockets found had arrived by then, and had not by the look before."""

    def __init__(self) -> None:
        self._stamps = _Stamped()
        super().__init__(self._stamps)

    def arrived(self, told: float | None = None) -> float:
        """`told`: what the kernel says. The clock it has that from may have been set meanwhile."""
        stamps = self._stamps
        return stamps.woke if told is None else min(max(told, stamps.before), perf_counter())


def _now(told: float | None = None) -> float:
    return perf_counter() if told is None else told


def clock() -> Arrived:
    """When the data at hand arrived, as well as the running loop knows."""
    loop = asyncio.get_running_loop()
    return loop.arrived if isinstance(loop, StampedLoop) else _now


@dataclass(slots=True)
class Handling:
    """Seconds from "there is data" to "it has been read", of every chunk."""

    took_s: list[float] = field(default_factory=list)

    def p99_ms(self) -> float | None:
        if len(self.took_s) < 100:
            return None
        return 1000 * sorted(self.took_s)[int(0.99 * len(self.took_s))]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect and what to ask for. `prefix`: a path before `/v1`."""

    host: str
    port: int
    tls: bool
    prefix: str

    @classmethod
    def of(cls, url: str) -> Address:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        return cls(parts.hostname or "", port, tls, parts.path.rstrip("/"))

    def head(self, path: str, length: int, headers: Mapping[str, str]) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = {
            "Host": f"{host}:{self.port}",
            "Accept": "text/event-stream, application/json",
            "Content-Type": "application/json",
            "Content-Length": str(length),
            "User-Agent": "rigguide",
            # llama-server closes after a stream though it announces keep-alive.
            "Connection": "close",
            **headers,
        }
        told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"POST {self.prefix}{path} HTTP/1.1\r\n{told}\r\n".encode("latin-1")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class Answer(asyncio.Protocol):
    """Collects one response. `pieces` of its body, each with the time at which it arrived.

    `over` is done when the stream said [DONE], the body ended, or the connection did.
    """

    def __init__(
        self, arrived: Arrived, on_text: Callable[[int], None], handling: Handling
    ) -> None:
        self.status = 0
        self.reason = ""
        self.pieces: list[tuple[float, bytes]] = []
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrived, self._on_text, self._handling = arrived, on_text, handling
        self._rest = b""
        self._size = 0
        self._left: int | None = None  # of a body of known length
        self._chunked = False

    def data_received(self, data: bytes) -> None:
        self.took(data, None)

    def took(self, data: bytes, told: float | None) -> None:
        """`told`: when the kernel got it, by perf_counter; None where it did not say."""
        at = self._arrived(told)
        self._size += len(data)
        try:
            self._take(data, at)
        except (ValueError, IndexError):
            self._fail(f"this is not HTTP: {data[:60]!r}")
        self._handling.took_s.append(perf_counter() - at)

    def _take(self, data: bytes, at: float) -> None:
        if self._size > MOST_BYTES:
            raise ValueError
        if self.status:
            self._body(data, at)
            return
        self._rest += data
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if not end:
            return
        self._rest = b""
        real = self._head(head.decode("latin-1"))
        if rest or (real and self._left == 0):
            self._take(rest, at)

    def _head(self, text: str) -> bool:
        """False for a provisional answer, after which the real one follows."""
        first, *lines = text.split("\r\n")
        version, status, *reason = first.split(" ", 2)
        if not version.startswith("HTTP/1."):
            raise ValueError
        if 100 <= int(status) < 200:
            return False
        headers = {name.strip().lower(): value.strip() for name, _, value in _pairs(lines)}
        self.status, self.reason = int(status), " ".join(reason)
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        if not self._chunked and "content-length" in headers:
            self._left = int(headers["content-length"])
        return True

    def _body(self, data: bytes, at: float) -> None:
        if self._chunked:
            self._chunks(data, at)
            return
        self._piece(data, at)
        if self._left is not None:
            self._left -= len(data)
            if self._left <= 0:
                self._end()

    def _chunks(self, data: bytes, at: float) -> None:
        rest, begin = self._rest + data, 0
        while (line := rest.find(b"\r\n", begin)) >= 0:
            size = int(rest[begin:line].partition(b";")[0], 16)
            after = line + 2 + size
            if size == 0:
                self._end()
                return
            if len(rest) < after + 2:
                break
            self._piece(rest[line + 2 : after], at)
            begin = after + 2
        self._rest = rest[begin:]

    def _piece(self, data: bytes, at: float) -> None:
        if data:
            self.pieces.append((at, data))
            self._on_text(data.count(b"data:"))
            if DONE in data and self.status == 200:
                self._end()  # how long the server takes to hang up is no part of the answer

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _fail(self, why: str) -> None:
        if not self.over.done():
            self.over.set_exception(WireError(why))

    def connection_lost(self, error: Exception | None) -> None:
        """A body without a length ends with the connection; every other one is broken by it."""
        if error is not None:
            self._fail(f"the connection broke: {type(error).__name__}: {error}")
        elif not self.status:
            self._fail("the server hung up without an answer")
        elif self._chunked or self._left is not None:
            self._fail("the server hung up in the middle of its answer")
        else:
            self._end()


def room_for_connections(many: int) -> None:
    """Lets this process hold so many open at once where the system's hard limit lets it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * many + 256  # a connection that is tapped has two
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _pairs(lines: list[str]) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in lines]


@asynccontextmanager
async def connected(address: Address, answer: Answer) -> AsyncIterator[asyncio.Transport]:
    """Until the block ends. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    secure: dict[str, Any] = {"ssl": _tls()} if address.tls else {}
    async with asyncio.timeout(CONNECT_S):
        made, _ = await loop.create_connection(lambda: answer, address.host, address.port, **secure)
    with ExitStack() as ends:
        ends.callback(made.close)
        if tells(loop, tls=address.tls):
            ends.callback(Tap(made, answer.took, answer.connection_lost).close)
        yield made

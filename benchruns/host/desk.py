"""A host's work as seen from its site: take one run, keep its lease, say how it ended, next.

One thread does it in that order, so nothing is ever claimed ahead. Whoever executes (a Celery
worker through `transport.py`) takes the run with `take()` and says `finished()`. Nothing of Celery.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import psutil

from benchruns.host.accepts import Accepts
from benchruns.host.board import Board, Stage, Why
from benchruns.host.execute import WORD_LIMIT_S, tell_stopped
from benchruns.host.order import Installable
from benchruns.host.patience import Backoff, persist
from benchruns.host.site_client import MOST_WAIT_S, Claimed, SiteClient
from benchruns.host.site_errors import (
    HostError,
    ProtocolMismatch,
    SiteError,
    SiteUnreachable,
    Stale,
    Unauthorized,
)

log = logging.getLogger(__name__)

BEAT_S = 2.0  # at most between two heartbeats: a wish to cancel is heard that soon
STOP_GRACE_S = 2.5  # for a measurement to stop by itself once it is asked to
FAREWELL_S = 5.0

T = TypeVar("T")


class Desk:
    """`greet` runs before the first claim, again and again until the site answers. `log_tail` is
    what there is to see of a run that ended suddenly; `tidy` runs when a run is settled. `accepts`
    is told with each claim; `rotate` fetches a new token when the site asks for it.
    """

    def __init__(
        self,
        client: SiteClient,
        board: Board,
        engines: Sequence[str],
        *,
        greet: Callable[[], None] = lambda: None,
        log_tail: Callable[[Claimed], str] = lambda _run: "",
        tidy: Callable[[], None] = lambda: None,
        installs: Sequence[Installable] = (),
        accepts: Callable[[Sequence[str]], Accepts] | None = None,
        rotate: Callable[[], None] = lambda: None,
        slot: tuple[int, int] = (0, 1),
    ) -> None:
        self._client, self._board = client, board
        self._engines, self._installs = engines, installs
        self._accepts, self._rotate, self._slot = accepts, rotate, slot
        self._greet, self._log_tail, self._tidy = greet, log_tail, tidy
        self._backoff = Backoff()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._closing = threading.Event()
        self._free = threading.Event()
        self._run: Claimed | None = None
        self._taken = True
        self._stop_since: float | None = None
        self.cause = ""  # why the run in hand came to a sudden end, in plain words
        self.trouble: Exception | None = None  # why nothing will be claimed any more
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    def offer(self, engines: Sequence[str], installs: Sequence[Installable]) -> None:
        """From the next claim on: what this machine can start, and what it would install."""
        self._engines, self._installs = engines, installs

    # What the executing side calls.

    def fileno(self) -> int:
        """Readable when there is something to `take()`, or trouble to look at."""
        return self._bell.fileno()

    def hush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(1000)

    def start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    @property
    def waiting(self) -> bool:
        """A run is in hand and nobody has taken it up yet."""
        return not self._taken

    def take(self) -> Claimed | None:
        if self._taken:
            return None
        self._taken = True
        return self._run

    def finished(self) -> None:
        """The run in hand has ended, well or badly."""
        self._free.set()

    def give_back(self) -> None:
        """The run in hand will not be executed here."""
        self._board.stop(Why.CLOSING)
        self._free.set()

    def close(self, *, finish: bool = False) -> None:
        """Claims nothing more, and unless `finish` asks the run in hand to stop.

        Safe in a signal handler.
        """
        self._closing.set()
        if not finish:
            self._board.stop(Why.CLOSING)
        self._ring()  # the event loop may sleep for seconds, a signal alone does not wake it

    def join(self) -> None:
        """After `close()`: until the run in hand is settled with the site, within reason.

        Whoever waits for work only is not waited for.
        """
        self._closing.set()
        if self._run is not None:
            self.give_back()
            self._thread.join(FAREWELL_S)
        self._bell.close()
        self._ringer.close()

    # What the thread does.

    def _serve(self) -> None:
        try:
            self._patiently(self._greet)
            while not self._closing.is_set():
                self._serve_one()
        except Exception as error:
            if not isinstance(error, SiteError):
                log.exception("a fault of this program")
            self.trouble = error
            self._ring()

    def _serve_one(self) -> None:
        began = time.monotonic()
        run = self._patiently(self._claim)
        if self._client.asked_to_rotate:
            self._change_token()
        if run is not None:
            self._hold(run)
        elif time.monotonic() - began < 0.5:
            self._closing.wait(1.0)  # a site that does not let us wait is not to be flooded

    def _claim(self) -> Claimed | None:
        """Within its owner's hours; outside of them it asks for nothing, and says so."""
        accepts = self._accepts and self._accepts(self._engines)
        if accepts is None:
            return self._client.claim(self._engines, installs=self._installs, slot=self._slot)
        return self._client.claim(
            accepts.measures if accepts.open else (),
            wait_s=_until_change_s(accepts),
            installs=self._installs if accepts.open else (),
            accepts=accepts,
            slot=self._slot,
        )

    def _change_token(self) -> None:
        try:
            self._rotate()
        except (Unauthorized, ProtocolMismatch):
            raise
        except HostError as error:  # the site will ask again
            log.warning("no new token yet: %s", error)

    def _patiently(self, call: Callable[[], T]) -> T | None:
        """Tries until the site answers; None when this worker ends before."""
        while not self._closing.is_set():
            try:
                answer = call()
            except (Unauthorized, ProtocolMismatch):
                raise
            except SiteError as error:
                pause_s = self._backoff.next_s()
                log.warning("%s; trying again in %.1f s", error, pause_s)
                self._closing.wait(pause_s)
            else:
                self._backoff.reset()
                return answer
        return None

    def _hold(self, run: Claimed) -> None:
        log.info("run %s: claimed (attempt %d)", run.id, run.attempt)
        self._board.clear()
        self._free.clear()
        self._stop_since, self.cause = None, ""
        self._run = run
        if self._closing.is_set():
            self.give_back()
        else:
            self._taken = False
            self._ring()
        self._keep(run)
        self._taken = True
        try:
            self._settle(run)
            self._tidy()
        finally:
            self._run = None

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it rings already, or nobody listens any more
            self._ringer.send(b"!")

    def _keep(self, run: Claimed) -> None:
        """Heartbeats until the run is finished. A refused token ends it."""
        next_beat = time.monotonic() + min(BEAT_S, run.lease_s / 3)
        while not self._free.wait(max(0.0, min(0.5, next_beat - time.monotonic()))):
            self._enforce()
            if time.monotonic() >= next_beat:
                self._beat(run)
                next_beat = time.monotonic() + min(BEAT_S, run.lease_s / 3)

    def _beat(self, run: Claimed) -> None:
        """Also while the end is told, for a large result on a slow line outlives a lease."""
        if self._board.stage is Stage.SETTLED or self._board.why is Why.LOST:
            return
        try:
            cancel = self._client.heartbeat(run).cancel
            if cancel and self._board.stage is Stage.MEASURING:
                self._board.stop(Why.CANCELLED)
        except SiteUnreachable as error:
            log.warning("heartbeat not told: %s", error)
        except SiteError as error:
            self._lost(run, error)

    def _lost(self, run: Claimed, error: SiteError) -> None:
        if self._board.stage is not Stage.MEASURING:
            return  # it was told meanwhile how the run ended
        log.warning("run %s is not ours any more: %s", run.id, error)
        self._board.stop(Why.LOST)  # where the token was refused, the next claim ends this worker

    def _enforce(self) -> None:
        """Kills the measuring process when it does not stop by itself; its guard does the rest."""
        if not self._board.stopping():
            return
        now = time.monotonic()
        self._stop_since = self._stop_since or now
        if now - self._stop_since > STOP_GRACE_S:
            self._kill()

    def _kill(self) -> None:
        pid = self._board.pid
        try:
            if pid is not None and psutil.Process(pid).ppid() == os.getpid():
                log.warning("the measurement does not stop, ending process %d", pid)
                os.kill(pid, signal.SIGKILL)
        except (psutil.NoSuchProcess, ProcessLookupError):
            pass  # it has ended; the worker will say so

    def _settle(self, run: Claimed) -> None:
        """Says how the run ended where the measuring process could not."""
        if self._board.stage is Stage.SETTLED:
            return
        try:
            self._tell(run)
        except Stale as error:
            log.info("run %s: the site has settled it already: %s", run.id, error)
        except (Unauthorized, ProtocolMismatch):
            raise
        except SiteError as error:
            log.warning("run %s: not told how it ended: %s", run.id, error)

    def _tell(self, run: Claimed) -> None:
        if self._board.stopping():
            tell_stopped(run, self._client, self._board.why)
            return
        reason = self.cause or "The measuring process ended without saying why."
        log.warning("run %s failed: %s", run.id, reason)
        end = self._log_tail(run)
        persist(lambda: self._client.failure(run, reason, end), limit_s=WORD_LIMIT_S)


def _until_change_s(accepts: Accepts) -> float:
    """No claim waits past the moment at which its hours begin or end."""
    if accepts.minutes_to_change is None:
        return MOST_WAIT_S
    return min(MOST_WAIT_S, max(1.0, accepts.minutes_to_change * 60))

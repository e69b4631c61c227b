"""One page of memory shared by a worker and the child that measures.

The worker writes why to stop, the child writes who it is and how far it came. It is a file, so
that it also works where children are started afresh instead of forked.
"""

from __future__ import annotations

import mmap
import struct
from enum import IntEnum
from os import SEEK_END
from pathlib import Path

_SIZE = 16
_WHY, _STAGE, _PID = 0, 1, 8


class Why(IntEnum):
    """Why a run should stop. Higher ones win."""

    GO_ON = 0
    CLOSING = 1  # this worker is ending: back into the queue
    CANCELLED = 2  # somebody asked for it on the site
    LOST = 3  # it is not ours any more: say nothing


class Stage(IntEnum):
    """How far the child is with the run in hand."""

    MEASURING = 0
    TELLING = 1  # the site hears how it ended; from now on it may know
    SETTLED = 2  # nothing is left to be told


class Board:
    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            # Written, not only made longer: on a full disk this fails here and now.
            file.write(bytes(max(0, _SIZE - file.seek(0, SEEK_END))))
            file.flush()
            self._page = mmap.mmap(file.fileno(), _SIZE)

    def clear(self) -> None:
        self._page[:] = bytes(_SIZE)

    @property
    def why(self) -> Why:
        return Why(self._page[_WHY])

    def stop(self, why: Why) -> None:
        if why > self.why:
            self._page[_WHY] = why

    def stopping(self) -> bool:
        return self.why is not Why.GO_ON

    @property
    def stage(self) -> Stage:
        return Stage(self._page[_STAGE])

    def reach(self, stage: Stage) -> None:
        self._page[_STAGE] = stage

    @property
    def pid(self) -> int | None:
        """The process that measures; None while nobody does."""
        (pid,) = struct.unpack_from("<Q", self._page, _PID)
        return int(pid) or None

    def sign_in(self, pid: int) -> None:
        struct.pack_into("<Q", self._page, _PID, pid)

    def close(self) -> None:
        self._page.close()

"""One run at a time on each accelerator: a worker for each, which sees that one alone.

The workers are processes of their own, so that what an engine may see is said by the environment
it inherits. All of them end when one does.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import wait
from typing import Final

from benchruns.host.accelerators import MINE
from benchruns.host.document import Accelerator

_VISIBLE: Final = {
    "nvidia": "CUDA_VISIBLE_DEVICES",
    "amd": "ROCR_VISIBLE_DEVICES",
    "intel": "ZE_AFFINITY_MASK",
}
_NONE: Final = "-1"  # no card has that number
_PR_SET_PDEATHSIG: Final = 1
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Environment = Mapping[str, str]


def environments(cards: Sequence[Accelerator]) -> list[Environment]:
    """What the worker of each slot has in its environment; a single, empty one for one slot.

    CUDA numbers cards by speed unless it is told to number them as the driver does.
    """
    if len(cards) < 2 or any(card.vendor not in _VISIBLE for card in cards):
        return [{}]
    seen: Counter[str] = Counter()
    found: list[Environment] = []
    for card in cards:
        found.append(_environment(cards, card.vendor, seen[card.vendor]))
        seen[card.vendor] += 1
    return found


def _environment(cards: Sequence[Accelerator], vendor: str, number: int) -> Environment:
    others = {_VISIBLE[card.vendor]: _NONE for card in cards if card.vendor != vendor}
    mine = {_VISIBLE[vendor]: str(number), MINE: f"{vendor}:{number}"}
    return {**others, **mine, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def side_by_side(environments: Sequence[Environment], work: Callable[[int], int]) -> int:
    """`work(slot)` in a process for each, until all ended. The first exit status that is not 0.

    SIGTERM, SIGINT and SIGHUP are handed on to all of them.
    """
    context = multiprocessing.get_context("fork")  # what was probed is not probed again
    parent = os.getpid()
    slots = [
        context.Process(target=_one, args=(number, environment, work, parent))
        for number, environment in enumerate(environments)
    ]

    def end(*_: object) -> None:
        for slot in slots:
            if slot.pid is not None and slot.exitcode is None:
                os.kill(slot.pid, signal.SIGTERM)

    former = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        for slot in slots:
            slot.start()
        wait([slot.sentinel for slot in slots])
        end()
        for slot in slots:
            slot.join()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return next((_status(slot.exitcode) for slot in slots if slot.exitcode), 0)


def _one(number: int, environment: Environment, work: Callable[[int], int], parent: int) -> None:
    """In the process of a slot: a session of its own, so that Ctrl-C reaches it once."""
    os.setsid()
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_DFL)
    _end_with(parent)
    os.environ.update(environment)
    sys.exit(work(number))


def _end_with(parent: int) -> None:
    """Should the parent be killed outright, this hands its run back and ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def _status(exitcode: int | None) -> int:
    code = exitcode or 0
    return 128 - code if code < 0 else code

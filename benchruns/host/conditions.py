"""What else went on: load by others, memory, swap. Percentages are of all cores together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from time import monotonic

import psutil

from benchruns.host.document import Conditions

GIB = 2**30
_GLANCE_S = 0.3


def before() -> Conditions:
    """Before the engine starts, so that whoever is busy now is somebody else."""
    watch = CpuWatch(None)
    psutil.cpu_percent(interval=_GLANCE_S)
    return Conditions(
        load_before=_load(),
        cpu_percent_others=watch.percent_others(),
        memory_available_gib=round(psutil.virtual_memory().available / GIB, 2),
        swap_used_gib=_swap_gib(),
    )


def after(start: Conditions, during: float | None) -> Conditions:
    told = {"load_after": _load(), "cpu_percent_others_during": during}
    return start.model_copy(update={**told, "swapped_gib": round(swapped_gib(start), 3)})


def swapped_gib(start: Conditions) -> float:
    """By how much swap grew since."""
    return max(0.0, (_swap_gib() or 0.0) - (start.swap_used_gib or 0.0))


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def _swap_gib() -> float | None:
    try:
        return round(psutil.swap_memory().used / GIB, 3)
    except (OSError, RuntimeError):
        return None


@dataclass(frozen=True, slots=True)
class _Used:
    """CPU seconds since boot."""

    at: float
    everybody: float
    ours: float


class CpuWatch:
    """CPU time that neither we nor the engine's process tree used since this was made."""

    def __init__(self, engine_pid: int | None) -> None:
        self._pid = engine_pid
        self._start = self._used()

    def percent_others(self) -> float | None:
        """None where too little time went by to tell."""
        now = self._used()
        span = (now.at - self._start.at) * (os.cpu_count() or 1)
        if span < 0.1:
            return None
        others = now.everybody - self._start.everybody - (now.ours - self._start.ours)
        return round(max(0.0, min(100.0, 100 * others / span)), 1)

    def _used(self) -> _Used:
        everybody = psutil.cpu_times()
        idle = everybody.idle + getattr(everybody, "iowait", 0.0)
        guests = getattr(everybody, "guest", 0.0) + getattr(everybody, "guest_nice", 0.0)
        ours = _tree_s(os.getpid()) if self._pid is None else _tree_s(self._pid) + _own_s()
        return _Used(monotonic(), sum(everybody) - idle - guests, ours)


def _own_s() -> float:
    return _process_s(psutil.Process())


def _tree_s(pid: int) -> float:
    """Of a process and all below it, ended children included."""
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    return sum(map(_process_s, tree))


def _process_s(process: psutil.Process) -> float:
    """What its ended children used is in no process's own time, and was nobody else's."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)

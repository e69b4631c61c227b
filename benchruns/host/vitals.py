"""Looks at this machine for its site: load, memory, accelerators. What cannot be read is None.

A look costs a few milliseconds, so that it may be taken while something is measured.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final

import psutil
import pynvml

from benchruns.host.probe import GIB, disk_free_gib
from benchruns.host.schema.vitals import AcceleratorVitals, Vitals
from benchruns.host.synthetic import cache

EVERY_S: Final = 10.0
"""While something is measured no more often than this: the watcher must not be the load."""

_DRM: Final = Path("/sys/class/drm")
_LEAST_VRAM: Final = 2 * GIB  # less is graphics inside a processor


class Glances:
    """Call it for what this machine is like now; None where it was looked at just before.

    Several threads may call it; `psutil.cpu_percent` would count for each of them apart.
    """

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._looked_at: float | None = None
        self._lock = threading.Lock()
        self._cpu = psutil.cpu_times()

    def __call__(self) -> Vitals | None:
        with self._lock:
            now = monotonic()
            if self._looked_at is not None and now - self._looked_at < self._every_s:
                return None
            self._looked_at = now
            before, self._cpu = self._cpu, psutil.cpu_times()
            return look().model_copy(update={"cpu_percent": busy_percent(before, self._cpu)})


def busy_percent(before: Any, after: Any) -> float | None:
    """Of all cores together between two readings of `psutil.cpu_times()`; None: too soon to say.

    Guests' time is part of the user time already.
    """
    spans = {name: getattr(after, name) - getattr(before, name) for name in after._fields}
    whole = sum(span for name, span in spans.items() if name not in ("guest", "guest_nice"))
    if whole < 0.1:
        return None
    idle = spans["idle"] + spans.get("iowait", 0.0)
    return round(min(100.0, max(0.0, float(100 * (1 - idle / whole)))), 1)


def look() -> Vitals:
    """All but the load of the processor, which takes two looks."""
    memory = psutil.virtual_memory()
    return Vitals(
        load_1m=_load(),
        memory_used_gib=round((memory.total - memory.available) / GIB, 2),
        memory_gib=round(memory.total / GIB, 2),
        disk_free_gib=disk_free_gib(cache.directory()),
        accelerators=() if sys.platform == "darwin" else (*_nvidia(), *of_kernel()),
    )


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def _nvidia() -> Iterator[AcceleratorVitals]:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            yield of_nvidia(pynvml.nvmlDeviceGetHandleByIndex(index))
    finally:
        pynvml.nvmlShutdown()


def of_nvidia(handle: Any) -> AcceleratorVitals:
    memory = _told("nvmlDeviceGetMemoryInfo", handle)
    rates = _told("nvmlDeviceGetUtilizationRates", handle)
    power_mw = _told("nvmlDeviceGetPowerUsage", handle)
    return AcceleratorVitals(
        name=str(_told("nvmlDeviceGetName", handle) or "NVIDIA"),
        utilisation_percent=None if rates is None else rates.gpu,
        memory_used_gib=None if memory is None else round(memory.used / GIB, 2),
        memory_gib=None if memory is None else round(memory.total / GIB, 2),
        temperature_c=_told("nvmlDeviceGetTemperature", handle, pynvml.NVML_TEMPERATURE_GPU),
        power_w=None if power_mw is None else round(power_mw / 1000, 1),
    )


def _told(ask: str, *arguments: Any) -> Any:
    """Cards answer only part of what can be asked."""
    try:
        return getattr(pynvml, ask)(*arguments)
    except pynvml.NVMLError:
        return None


def of_kernel(root: Path = _DRM) -> Iterator[AcceleratorVitals]:
    """AMD's and Intel's cards with memory of their own, as far as their drivers tell."""
    for path in sorted(root.glob("card[0-9]*/device")):
        memory = _number(path / "mem_info_vram_total")
        if memory is not None and memory >= _LEAST_VRAM:
            yield _of_kernel(path, memory)


def _of_kernel(path: Path, memory: float) -> AcceleratorVitals:
    sensors = next(iter(sorted(path.glob("hwmon/hwmon*"))), path)
    used = _number(path / "mem_info_vram_used")
    temperature_mc = _number(sensors / "temp1_input")
    power_uw = _number(sensors / "power1_average") or _number(sensors / "power1_input")
    return AcceleratorVitals(
        name=_line(path / "product_name") or f"card {_line(path / 'device')}",
        utilisation_percent=_number(path / "gpu_busy_percent"),
        memory_used_gib=None if used is None else round(used / GIB, 2),
        memory_gib=round(memory / GIB, 2),
        temperature_c=None if temperature_mc is None else temperature_mc / 1000,
        power_w=None if power_uw is None else round(power_uw / 1e6, 1),
    )


def _line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> float | None:
    text = _line(path)
    return float(text) if text.isdigit() else None

"""Watches what may slow a machine down while it measures: heat, power, a host that takes its time.

Looks twice a second in a thread of its own. What a machine does not tell stays unknown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psutil
import pynvml

from benchruns.host.accelerators import nvml_cards
from benchruns.host.document import Conditions

CPUS: Final = Path("/sys/devices/system/cpu")
_LOOK_S: Final = 0.5
# What a driver gives as a reason and what it is called here. Idle and chosen clocks are none.
_REASONS: Final = {
    "SwPowerCap": "power limit",
    "HwSlowdown": "hardware slowdown",
    "SwThermalSlowdown": "temperature",
    "HwThermalSlowdown": "temperature (hardware)",
    "HwPowerBrakeSlowdown": "power brake",
}


class SlowdownWatch:
    """Use as a context around a measurement; `seen` is what went on since it began."""

    def __init__(self, cpus: Path = CPUS) -> None:
        self._cpus, self._over = cpus, threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowdown", daemon=True)
        self._throttled, self._steal = _throttle_events(cpus), psutil.cpu_times()
        self._mhz: list[float] = []
        self._gpu = Gpu()

    def __enter__(self) -> SlowdownWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            self._look_until_over(())
            return
        try:
            self._look_until_over(nvml_cards())
        finally:
            pynvml.nvmlShutdown()

    def _look_until_over(self, cards: Iterable[Any]) -> None:
        while True:
            self._mhz += _cpu_mhz(self._cpus)
            for card in cards:
                self._gpu.look(card)
            if self._over.wait(_LOOK_S):
                return

    def seen(self, conditions: Conditions) -> Conditions:
        """`conditions` with what was seen beside it."""
        events = _throttle_events(self._cpus)
        grown = None if events is None or self._throttled is None else events - self._throttled
        told = {
            "steal_percent": _steal_percent(self._steal, psutil.cpu_times()),
            "cpu_mhz_low": min(self._mhz, default=None),
            "cpu_mhz_high": max(self._mhz, default=None),
            "cpu_throttle_events": grown,
            **self._gpu.seen(),
        }
        return conditions.model_copy(update=told)


class Gpu:
    """What the NVIDIA cards of this machine told so far, all together."""

    def __init__(self) -> None:
        self._clocks: list[float] = []
        self._degrees: list[float] = []
        self._watts: list[float] = []
        self._reasons: set[str] = set()

    def look(self, card: Any) -> None:
        self._clocks += _told("nvmlDeviceGetClockInfo", card, pynvml.NVML_CLOCK_SM)
        self._degrees += _told("nvmlDeviceGetTemperature", card, pynvml.NVML_TEMPERATURE_GPU)
        self._watts += [mw / 1000 for mw in _told("nvmlDeviceGetPowerUsage", card)]
        for bits in _told("nvmlDeviceGetCurrentClocksEventReasons", card):
            self._reasons |= set(_reasons(int(bits)))

    def seen(self) -> dict[str, Any]:
        if not (self._clocks or self._degrees or self._watts):
            return {}
        return {
            "gpu_clock_mhz_low": min(self._clocks, default=None),
            "gpu_clock_mhz_high": max(self._clocks, default=None),
            "gpu_temperature_c_high": max(self._degrees, default=None),
            "gpu_power_w_high": max(self._watts, default=None),
            "gpu_throttled_by": tuple(sorted(self._reasons)),
        }


def _told(function: str, *arguments: Any) -> list[float]:
    """One value, or none: cards and drivers answer only part of what can be asked."""
    try:
        return [float(getattr(pynvml, function)(*arguments))]
    except (pynvml.NVMLError, AttributeError):
        return []


def _reasons(bits: int) -> Iterator[str]:
    for name, words in _REASONS.items():
        if bits & getattr(pynvml, f"nvmlClocksEventReason{name}"):
            yield words


def gpu_pids() -> frozenset[int] | None:
    """Processes that compute on an NVIDIA GPU now; None where there is none to ask."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        running = (pynvml.nvmlDeviceGetComputeRunningProcesses(card) for card in nvml_cards())
        return frozenset(process.pid for some in running for process in some)
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()


def gpu_others(
    before: frozenset[int] | None, there: frozenset[int] | None, now: frozenset[int] | None
) -> int | None:
    """Who was on the GPU before the engine started and stayed, and who came while it measured.

    Not by process ids alone: within a container an engine has another one than the driver says.
    `there`: when the engine was ready.
    """
    if before is None or there is None or now is None:
        return None
    return len((now & before) | (now - there))


def _cpu_mhz(cpus: Path) -> list[float]:
    """Of every core, by its frequency driver; nothing where a virtual machine has none."""
    found = (_number(path) for path in cpus.glob("cpu[0-9]*/cpufreq/scaling_cur_freq"))
    return [khz / 1000 for khz in found if khz is not None]


def _throttle_events(cpus: Path) -> int | None:
    """Of all cores since boot; None where the kernel counts none."""
    paths = cpus.glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    counts = [n for n in map(_number, paths) if n is not None]
    return sum(counts) if counts else None


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _steal_percent(before: Any, after: Any) -> float | None:
    if not hasattr(after, "steal"):
        return None
    whole = sum(after) - sum(before)
    return round(100 * (after.steal - before.steal) / whole, 2) if whole > 0 else None

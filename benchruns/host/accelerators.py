"""The accelerators of this machine: NVIDIA by its driver's library, AMD and Intel by the kernel,
Apple by the system profiler.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil
import pynvml

from benchruns.host.document import Accelerator
from benchruns.host.said import said

GIB = 2**30
T = TypeVar("T")

MINE: Final = "RIGGUIDE_ACCELERATOR"
"""The one that this process may use, as in `nvidia:1`; where it is not set, all of them."""


def mine(vendor: str, cards: Sequence[T]) -> Sequence[T]:
    """Those of that vendor's cards, in the driver's order, that this process may use."""
    whose, _, number = os.environ.get(MINE, "").partition(":")
    if not whose:
        return cards
    return cards[int(number) :][:1] if whose == vendor else ()


def found() -> tuple[Accelerator, ...]:
    if sys.platform == "darwin":
        return tuple(apple())
    return (*nvidia(), *of_kernel())


@contextmanager
def _nvml() -> Iterator[bool]:
    """Whether the driver's library is there and answers."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield False
        return
    try:
        yield True
    finally:
        pynvml.nvmlShutdown()


def nvidia() -> tuple[Accelerator, ...]:
    with _nvml() as there:
        if not there:
            return ()
        return tuple(map(_nvidia, nvml_cards()))


def nvml_cards() -> Sequence[Any]:
    """Handles of the NVIDIA cards that this process may use, while the library is open."""
    count = pynvml.nvmlDeviceGetCount()
    return mine("nvidia", [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(count)])


def _nvidia(handle: Any) -> Accelerator:
    memory = _told(pynvml.nvmlDeviceGetMemoryInfo, handle)
    power_mw = _told(pynvml.nvmlDeviceGetEnforcedPowerLimit, handle)
    return Accelerator(
        name=str(_told(pynvml.nvmlDeviceGetName, handle) or "NVIDIA"),
        vendor="nvidia",
        memory_gib=round(memory.total / GIB, 2) if memory else None,
        driver=str(_told(pynvml.nvmlSystemGetDriverVersion) or ""),
        bandwidth_gb_s=_nvidia_bandwidth(handle),
        power_limit_w=power_mw / 1000 if power_mw else None,
        temperature_c=_told(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU),
        sm_clock_mhz=_told(pynvml.nvmlDeviceGetClockInfo, handle, pynvml.NVML_CLOCK_SM),
        memory_clock_mhz=_told(pynvml.nvmlDeviceGetClockInfo, handle, pynvml.NVML_CLOCK_MEM),
    )


def _nvidia_bandwidth(handle: Any) -> float | None:
    """Two transfers per clock over the whole bus, in 10⁹ bytes a second."""
    width_bits = _told(pynvml.nvmlDeviceGetMemoryBusWidth, handle)
    clock_mhz = _told(pynvml.nvmlDeviceGetMaxClockInfo, handle, pynvml.NVML_CLOCK_MEM)
    if not width_bits or not clock_mhz:
        return None
    return round(float(2 * clock_mhz * 1e6 * width_bits / 8 / 1e9), 1)


def _told(ask: Callable[..., T], *arguments: Any) -> T | None:
    """Cards answer only part of what can be asked."""
    try:
        return ask(*arguments)
    except pynvml.NVMLError:
        return None


_VENDORS = {"0x1002": "amd", "0x8086": "intel"}


def of_kernel(root: Path = Path("/sys/class/drm")) -> tuple[Accelerator, ...]:
    """AMD and Intel cards with memory of their own; graphics inside a processor do not count."""
    paths = sorted(root.glob("card[0-9]*/device"))
    cards = [card for path in paths for card in _of_kernel(path)]
    amd = [card for card in cards if card.vendor == "amd"]
    intel = [card for card in cards if card.vendor == "intel"]
    return (*mine("amd", amd), *mine("intel", intel))


def _of_kernel(path: Path) -> Iterator[Accelerator]:
    vendor = _VENDORS.get(_line(path / "vendor"))
    memory = _number(path / "mem_info_vram_total") or _number(path / "lmem_total_bytes")
    if vendor is None or memory is None or memory < 2 * GIB:
        return
    sensors = next(iter(sorted(path.glob("hwmon/hwmon*"))), path)
    power_uw = _number(sensors / "power1_cap")
    temperature_mc = _number(sensors / "temp1_input")
    yield Accelerator(
        name=_line(path / "product_name") or f"{vendor.upper()} {_line(path / 'device')}",
        vendor="amd" if vendor == "amd" else "intel",
        memory_gib=round(memory / GIB, 2),
        driver=_line(Path("/sys/module/amdgpu/version")),
        power_limit_w=power_uw / 1e6 if power_uw else None,
        temperature_c=temperature_mc / 1000 if temperature_mc else None,
    )


def _line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _line(path)
    return int(text) if text.isdigit() else None


def apple() -> Iterator[Accelerator]:
    """The graphics part of an Apple chip shares all memory with its processor."""
    text = said("system_profiler", "-json", "SPDisplaysDataType")
    for card in json.loads(text).get("SPDisplaysDataType", []) if text else []:
        name = str(card.get("sppci_model", ""))
        if name.startswith("Apple"):
            memory_gib = round(psutil.virtual_memory().total / GIB, 2)
            yield Accelerator(name=name, vendor="apple", memory_gib=memory_gib)

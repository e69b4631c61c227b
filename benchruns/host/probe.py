"""What this machine is. Nothing is guessed: what cannot be read is None or left out."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Literal

import psutil

from benchruns.host import accelerators, roofline
from benchruns.host.document import HostFacts
from benchruns.host.said import said
from benchruns.host.synthetic import cache

GIB = 2**30
_SYSTEMS: dict[str, Literal["linux", "macos", "windows"]] = {
    "linux": "linux",
    "darwin": "macos",
    "win32": "windows",
}
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# Instruction sets that decide how fast engines compute on a processor.
_FLAGS = (
    "avx", "avx2", "f16c", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni",
    "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve", "sve2", "sme",
)  # fmt: skip


def probe() -> HostFacts:
    return HostFacts(
        cpu=cpu_name(),
        cores_physical=psutil.cpu_count(logical=False) or None,
        cores_logical=psutil.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / GIB, 2),
        arch=_ARCHITECTURES.get(platform.machine().lower(), "other"),
        os=_SYSTEMS.get(sys.platform, "other"),
        os_version=os_version(),
        kernel=platform.release(),
        python=platform.python_version(),
        governor=governor(),
        cpu_flags=cpu_flags(),
        accelerators=accelerators.found(),
        disk_free_gib=disk_free_gib(cache.directory()),
        read_gb_s=roofline.read_gb_s(),
    )


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    if sys.platform == "darwin":
        return said("sysctl", "-n", "machdep.cpu.brand_string") or platform.processor()
    text = _text(cpuinfo)
    for key in ("model name", "Model", "Hardware"):
        found = re.search(rf"^{key}\s*:\s*(.+)$", text, re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or "unknown"


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> tuple[str, ...]:
    if sys.platform == "darwin":
        return _apple_flags()
    found = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", _text(cpuinfo), re.MULTILINE)
    have = set(found[1].split()) if found else set()
    return tuple(flag for flag in _FLAGS if flag in have)


def _apple_flags() -> tuple[str, ...]:
    names = {"asimd": "AdvSIMD", "i8mm": "FEAT_I8MM", "bf16": "FEAT_BF16", "sme": "FEAT_SME"}
    return tuple(f for f, n in names.items() if said("sysctl", "-n", f"hw.optional.arm.{n}") == "1")


def governor() -> str | None:
    """Linux's frequency governor of the first core; None where there is none to read."""
    return _text(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")).strip() or None


def disk_free_gib(folder: Path) -> float | None:
    """Where `folder` is or will be."""
    for path in (folder, *folder.parents):
        if path.exists():
            return round(shutil.disk_usage(path).free / GIB, 1)
    return None


def os_version() -> str:
    if sys.platform == "darwin":
        return platform.mac_ver()[0]
    if sys.platform == "win32":
        return platform.version()
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""

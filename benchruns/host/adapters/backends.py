"""Which of ggml's backends computed: read from what llama.cpp itself says, never guessed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

_NAMES: Final = {
    "cuda": "cuda",
    "rocm": "rocm",
    "hip": "rocm",
    "metal": "metal",
    "mtl": "metal",
    "vulkan": "vulkan",
    "sycl": "sycl",
}
_PROCESSOR: Final = ("cpu", "blas", "amx", "repack")
_BUFFER: Final = re.compile(r"(\S+)\s+model buffer size\s*=")
_MOVED: Final = re.compile(r"offloaded (\d+)/(\d+) layers to GPU")
_DEVICE: Final = re.compile(r"^\s+([A-Za-z_]+)\d*:", re.MULTILINE)
_OFFLOADS_ALL: Final = 7500
"""Builds from here on put on an accelerator whatever fits unless told otherwise."""
_WHEEL: Final = (
    "import xllamacpp\n"
    "for device in xllamacpp.get_device_info(): print('  ' + device['name'] + ':')"
)


def tells(log: str) -> bool:
    """Whether the log says where the weights were put."""
    return _BUFFER.search(log) is not None


def of_log(log: str) -> str | None:
    """From where the weights were put; None where the log does not tell or both hold layers."""
    moved = _MOVED.search(log)
    if moved and 0 < int(moved[1]) < int(moved[2]):
        return None
    return _backend(_BUFFER.findall(log)) if tells(log) else None


def of_native(
    program: str, version: str, env: Mapping[str, str] | None = None, *, unasked: bool = False
) -> str | None:
    """From the devices a build lists: none means the processor.

    `unasked`: it is known to use an accelerator of its own accord; else its version must tell.
    """
    listed = said(program, "--list-devices", env=env or {})
    if listed is None or "devices" not in listed.lower():
        return None
    found = _backend(_DEVICE.findall(listed))
    number = re.fullmatch(r"b(\d+)", version)
    offloads = unasked or (number is not None and int(number[1]) >= _OFFLOADS_ALL)
    return found if found == "cpu" or offloads else None


def of_wheel() -> str | None:
    """From the devices the wheel was built for and finds here."""
    names = _DEVICE.findall(said(sys.executable, "-c", _WHEEL, env={}) or "")
    return _backend(names) if names else None


def _backend(names: list[str]) -> str | None:
    """ "cpu" where nothing else is named; None for several kinds or one nobody here knows."""
    plain = {name.lower() for name in names}
    others = {n for n in plain if not n.startswith(_PROCESSOR) and not n.endswith("_host")}
    known = {_kind(name) for name in others}
    if not others:
        return "cpu"
    return known.pop() if len(known) == 1 else None


def _kind(name: str) -> str | None:
    return next((kind for start, kind in _NAMES.items() if name.startswith(start)), None)


def said(*argv: str, env: Mapping[str, str]) -> str | None:
    """What a program prints; None where it cannot be asked or fails."""
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=30, env={**os.environ, **env}
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None

"""A device of one's own as an answer: `custom:<name>;<GB/s>;<GiB>[;<fp16 TFLOPS>]`.

What kind of device it is the answer to `hardware` says; how engines do on it is taken from the
devices of that kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast

from recommender.entries import Precision, Source
from recommender.hardware import Device
from recommender.own.errors import OwnError
from recommender.own.model import START, checked_name, is_own, tidy

Hardware = Literal["cpu", "nvidia", "amd", "apple", "intel", "edge"]
KINDS: Final = ("cpu", "nvidia", "amd", "apple", "intel", "edge")
MOST_LETTERS: Final = 120
FORM: Final = f"{START}<name>;<GB/s>;<GiB>[;<fp16 TFLOPS>]"
FORMS: Final = {
    "GB/s of memory bandwidth": (1.0, 100_000.0),
    "GiB of memory": (0.25, 16_384.0),
    "fp16 TFLOPS": (0.001, 100_000.0),
}
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?", re.ASCII)

STACKED_GB_S: Final = {"nvidia": 1900.0, "amd": 1000.0}
"""From this bandwidth on memory is stacked (HBM); other constants were fitted there."""

HAS_A_GPU_TFLOPS: Final = 2.0
"""A small board with less computes on its processor."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all devices of a kind have in common. `usable`: share of the memory for a model."""

    backend: str
    unified: bool
    usable: float


_KINDS: Final = {
    "cpu": _Kind("cpu", unified=True, usable=0.85),
    "nvidia": _Kind("cuda", unified=False, usable=1.0),
    "amd": _Kind("rocm", unified=False, usable=1.0),
    "apple": _Kind("metal", unified=True, usable=0.75),
    "intel": _Kind("sycl", unified=False, usable=1.0),
    "edge": _Kind("cpu", unified=True, usable=0.8),
}


@lru_cache(maxsize=1024)
def decode(answer: str, hardware: str | None = None) -> Device:
    """The device that an answer describes, of that kind; a GPU with CUDA while nobody said which.

    Raises:
        OwnError: it does not describe one; the sentence says what is wrong.
    """
    if not is_own(answer) or len(answer) > MOST_LETTERS:
        raise OwnError(f"A device of your own is written {FORM}.")
    name, *said = (part.strip() for part in answer[len(START) :].split(";"))
    if not 2 <= len(said) <= 3:
        raise OwnError(f"A device of your own is written {FORM}; {answer[:60]!r} is not.")
    checked_name(name)
    numbers = [_number(what, text) for what, text in zip(FORMS, said, strict=False)]
    return _device(name, numbers, cast("Hardware", hardware if hardware in KINDS else "nvidia"))


def encode(name: str, bandwidth_gb_s: float, memory_gib: float, tflops: float | None) -> str:
    """The answer that means this device; to be checked by `decode`."""
    numbers = [bandwidth_gb_s, memory_gib, *([] if tflops is None else [tflops])]
    return START + ";".join((tidy(name) or "My device", *map(_plain, numbers)))


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _number(what: str, text: str) -> float:
    least, most = FORMS[what]
    if not NUMBER.fullmatch(text) or not least <= float(text) <= most:
        raise OwnError(f"{what}: a number from {least:g} to {most:,.0f}, not {text[:20]!r}.")
    return float(text)


def _device(name: str, numbers: list[float], hardware: Hardware) -> Device:
    bandwidth, memory, *rest = numbers
    kind, compute = _KINDS[hardware], rest[0] if rest else None
    flops: dict[Precision, float] = {} if compute is None else {"fp16": compute}
    return Device(
        id=encode(name, bandwidth, memory, compute),
        name=name,
        hardware=hardware,
        backend=_backend(hardware, bandwidth, compute),
        memory_gib=memory,
        bandwidth_gb_s=bandwidth,
        tflops=flops,
        unified=kind.unified,
        usable_share=kind.usable,
        sources=(Source(cite="described by whoever asked"),),
    )


def _backend(hardware: Hardware, bandwidth_gb_s: float, tflops: float | None) -> str:
    if hardware == "edge" and (tflops or 0.0) >= HAS_A_GPU_TFLOPS:
        return "cuda"
    backend = _KINDS[hardware].backend
    stacked = bandwidth_gb_s >= STACKED_GB_S.get(hardware, float("inf"))
    return f"{backend}-hbm" if stacked else backend

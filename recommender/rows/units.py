"""What a row's unit asks for, and figures turned into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from recommender.catalogue import GIB

Rate = Literal["total", "output", "both", "decode-only", "user", "requests", "time"]
SIZES = ((r"\bgib\b", GIB), (r"\bmib\b", 2**20), (r"\bkib\b", 2**10), (r"\btib\b", 2**40))
DECIMAL = ((r"\bgb\b", 10**9), (r"\bmb\b", 10**6), (r"\bkb\b", 10**3), (r"\btb\b", 10**12))


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of one unit, and whether the figure is of one device."""

    size_bytes: float
    per_device: bool


BINARY = ("vllm", "sglang")
"""Engines whose logs divide by 2**30 and write GB."""


def size(unit: str | None, engine_id: str = "") -> Size:
    """GiB where nothing is said. `GB` that a log prints for GiB counts as GiB."""
    text = (unit or "gib").lower()
    if engine_id in BINARY:
        text = re.sub(r"\b([gm])b\b", r"\1ib", text)
    per_device = bool(re.search(r"per (?:gpu|device|card|rank)|/\s*(?:gpu|device|card)", text))
    for mark, size_bytes in (*SIZES, *DECIMAL):
        if re.search(mark, text):
            return Size(size_bytes, per_device)
    return Size(1 if re.search(r"\bbytes?\b", text) else GIB, per_device)


def rate(unit: str | None, kind: str) -> Rate:
    """Which speed is meant. Plain `tok/s` of a decode row is one stream's, of a load everybody's
    output."""
    text = f"{unit or ''} {kind}".lower()
    marks: tuple[tuple[str, Rate], ...] = (
        (r"req(?:uest)?s?\s*/|requests? per", "requests"),
        (r"\bm?s\b(?!\s*\()|\bms\b|seconds|ttft|tpot|itl|latency", "time"),
        (r"input\s*\+\s*output|in\s*\+\s*out|total tok|prompt\s*\+", "both"),
        (r"per user|/\s*user|per request|per client|/\s*req|per stream|each", "user"),
        (r"decode phase|decode only|generation phase", "decode-only"),
    )
    found = next((meant for mark, meant in marks if re.search(mark, _bare(text))), None)
    return found or ("output" if "output" in text else "total")


def _bare(text: str) -> str:
    """`tok/s` is no time."""
    return re.sub(r"tok(?:en)?s?\s*/\s*s(?:ec(?:ond)?)?\b|t/s|tps|tokens? per second", " ", text)


def seconds(unit: str | None) -> float:
    """Seconds of one unit of time."""
    text = _bare((unit or "").lower())
    if re.search(r"\bms\b|millisecond", text):
        return 0.001
    return 1e-6 if re.search(r"µs|\bus\b", text) else 1.0

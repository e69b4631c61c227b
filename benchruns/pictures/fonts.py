"""The site's own fonts, for what is drawn here: files a drawing library reads, and widths of words.

They are vendored as WOFF2 for browsers; what is drawn here needs them unpacked. That is done once,
beside the data, under the checksum of what was unpacked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from django.conf import settings
from fontTools.ttLib import TTFont

FAMILY: Final = "IBM Plex Sans"
MONO: Final = "IBM Plex Mono"
VENDORED: Final = Path("static") / "vendor" / "ibm-plex"
_NAMES: Final = {
    "sans-400": (FAMILY, 400),
    "sans-600": (FAMILY, 600),
    "mono-400": (MONO, 400),
    "mono-600": (MONO, 600),
}


@cache
def files() -> tuple[str, ...]:
    """Paths of TrueType files with all that is vendored."""
    kept = Path(settings.DATA_DIR) / "fonts"
    kept.mkdir(parents=True, exist_ok=True)
    return tuple(str(_unpacked(name, kept)) for name in _NAMES)


def _unpacked(name: str, kept: Path) -> Path:
    packed = _packed(name)
    path = kept / f"{name}-{hashlib.sha256(packed).hexdigest()[:12]}.ttf"
    if not path.exists():
        # Another process may be doing the same: a file is there whole or not at all.
        with NamedTemporaryFile(dir=kept, delete=False) as part:
            _font(name).save(part)
        Path(part.name).replace(path)
    return path


def _packed(name: str) -> bytes:
    return (Path(settings.BASE_DIR) / VENDORED / f"{name}.woff2").read_bytes()


def _font(name: str) -> TTFont:
    """Without WOFF2's packing, with the family and weight that style sheets call it by."""
    font = TTFont(BytesIO(_packed(name)), recalcTimestamp=False)
    font.flavor = None
    family, weight = _NAMES[name]
    font["OS/2"].usWeightClass = weight
    for number, text in ((1, family), (2, "Regular"), (16, family), (17, "Regular")):
        font["name"].setName(text, number, 3, 1, 0x409)
    return font


@cache
def _advances(name: str) -> tuple[dict[int, int], int, int]:
    """Code point to width, the width of what has none, units to the em."""
    font = TTFont(BytesIO(_packed(name)))
    metrics, cmap = font["hmtx"].metrics, font.getBestCmap()
    widths = {code: metrics[glyph][0] for code, glyph in cmap.items()}
    return widths, metrics[".notdef"][0], font["head"].unitsPerEm


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Of one line in the sans, without kerning, in the unit of `size`."""
    widths, unknown, em = _advances("sans-600" if bold else "sans-400")
    return sum(widths.get(ord(char), unknown) for char in text) * size / em


def wrapped(
    text: str, size: float, room: float, *, most: int, bold: bool = False
) -> tuple[str, ...]:
    """Lines no wider than `room`; what does not go into `most` of them ends in an ellipsis."""
    lines = list(_lines(text, size, room, bold=bold))
    if len(lines) <= most:
        return tuple(lines)
    kept = lines[:most]
    return (*kept[:-1], cut(f"{kept[-1]} …", size, room, bold=bold, always=True))


def cut(text: str, size: float, room: float, *, bold: bool = False, always: bool = False) -> str:
    """Shortened with an ellipsis to fit; `always`: it ends in one already."""
    words = text.removesuffix(" …") if always else text
    if width(text, size, bold=bold) <= room:
        return f"{words}…" if always else text
    while words and width(f"{words}…", size, bold=bold) > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _lines(text: str, size: float, room: float, *, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".lstrip()
        if line and width(longer, size, bold=bold) > room:
            yield line
            longer = word
        line = cut(longer, size, room, bold=bold)
    if line:
        yield line

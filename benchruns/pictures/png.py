"""PNG from SVG, with the site's own fonts and nothing of the machine it runs on."""

from __future__ import annotations

from typing import Final

import resvg_py

from benchruns.pictures import fonts

SHARP: Final = 2
"""Pixels for each unit of a picture: it is looked at on dense screens and put into slides."""


def png(svg: str, width_px: int) -> bytes:
    """`svg`: complete in itself. Its height follows from its own proportions."""
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width_px,
        font_files=list(fonts.files()),
        skip_system_fonts=True,
        font_family=fonts.FAMILY,
        sans_serif_family=fonts.FAMILY,
        serif_family=fonts.FAMILY,
        monospace_family=fonts.MONO,
        text_rendering="geometric_precision",
    )
    return bytes(drawn)

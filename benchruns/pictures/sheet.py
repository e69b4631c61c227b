"""A picture on a sheet of its own: what it shows in words, the picture, its key, where it is from.

The colours are written out, because a file that was saved has no style sheet of the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from benchruns.pictures import fonts, palette
from benchruns.pictures.picture import Picture
from benchruns.pictures.plot import Plot, Series

MARGIN: Final = 24.0
TITLE, SENTENCE, KEY, FOOT = 17.0, 12.5, 12.5, 10.5
LEADING: Final = 1.38
MOST_LINES: Final = 4
KEY_GAP, KEY_MARK = 20.0, 28.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One series in the key."""

    x: float
    y: float
    name: str
    series: Series


def sheet(picture: Picture, foot: str) -> str:
    """SVG, complete in itself. `foot`: where it is from."""
    plot = picture.plot
    titles = fonts.wrapped(plot.title, TITLE, plot.width, most=2, bold=True)
    lines = fonts.wrapped(picture.sentence, SENTENCE, plot.width, most=MOST_LINES)
    begin = MARGIN + len(titles) * TITLE * LEADING
    top = round(begin + len(lines) * SENTENCE * LEADING + 14, 1)
    key, below = _key(plot, top + plot.height + 20)
    feet = fonts.wrapped(foot, FOOT, plot.width, most=2)
    context = {
        "plot": plot,
        "titles": _stacked(titles, MARGIN + TITLE, TITLE),
        "lines": _stacked(lines, begin + SENTENCE, SENTENCE),
        "drawn": picture.draw(_placed(plot, top)),
        "key": key,
        "feet": _stacked(feet, below + FOOT + MARGIN / 4, FOOT),
        "margin": MARGIN,
        "width": plot.width + 2 * MARGIN,
        "height": below + len(feet) * FOOT * LEADING + MARGIN,
        **colours(),
    }
    return render_to_string("pictures/sheet.svg", context)


def _placed(plot: Plot, top: float) -> SafeString:
    place = 'x="{}" y="{}" width="{}" height="{}"'
    return format_html(place, MARGIN, top, plot.width, plot.height)


def colours() -> dict[str, object]:
    return {"colour": palette.light(), "engine_colours": palette.engines(), "family": fonts.FAMILY}


def _stacked(lines: tuple[str, ...], first: float, size: float) -> list[tuple[float, str]]:
    return [(first + index * size * LEADING, line) for index, line in enumerate(lines)]


def _key(plot: Plot, top: float) -> tuple[list[Entry], float]:
    """Side by side as far as there is room, and where the next line would be."""
    found: list[Entry] = []
    x, y = MARGIN, top
    for series in plot.series:
        name = f"{series.letter}: {series.name}" if series.letter else series.name
        name = fonts.cut(name, KEY, plot.width - KEY_MARK)
        wide = KEY_MARK + fonts.width(name, KEY)
        if x > MARGIN and x + wide > MARGIN + plot.width:
            x, y = MARGIN, y + KEY * 1.6
        found.append(Entry(x, y, name, series))
        x += wide + KEY_GAP
    return found, y + 18

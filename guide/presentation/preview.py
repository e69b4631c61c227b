"""The preview of a shared recommendation: 1200 × 630, as pages that show links want it.

Everything is placed here, by the widths of the site's own fonts; the template only draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from benchruns.pictures import fonts, palette
from benchruns.pictures.marks import ENGINES
from benchruns.pictures.png import png
from benchruns.pictures.sheet import colours
from guide.models import SharedRecommendation
from guide.presentation.card import SITE, title
from guide.presentation.memory_bar import MemoryBar, memory_bar
from guide.presentation.pictures import recipe_pictures
from guide.templatetags.guide_marks import figure, milliseconds
from recommender.recommendation import Basis, Figure, Recommendation

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 64.0, 1136.0
TITLE_SIZE, TITLE_STEP = 58.0, 64.0
LEDE_SIZE, LEDE_STEP = 25.0, 34.0
BIG, SMALL = 40.0, 21.0
LOWER = 352.0
"""Where the lower half begins: memory to the left, speed to the right."""
BAR_WIDTH, BAR_HEIGHT = 470.0, 46.0
CHART_WIDTH = 486.0
KEPT = 64
"""Previews in memory: what was shared never changes, and a link is looked at in bursts."""


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """One figure: large, what it is of, and the mark of what it rests on."""

    x: float
    value: str
    words: str
    words_x: float
    basis: str  # "" where it is no estimate and no measurement

    @property
    def mark_x(self) -> float:
        return self.words_x - 20


@dataclass(frozen=True, slots=True)
class Segment:
    x: float
    width: float
    number: int
    label: str
    y: float  # of its line in the key

    @property
    def swatch_y(self) -> float:
        return self.y - 14


def preview_svg(kept: SharedRecommendation) -> str:
    """Raises SnapshotError: it was kept in a form that can no longer be read."""
    return drawn(kept.recommendation(), kept.created_at)


def preview_png(kept: SharedRecommendation) -> bytes:
    """Raises SnapshotError: it was kept in a form that can no longer be read."""
    return _png(kept.slug, kept.created_at)


@lru_cache(maxsize=KEPT)
def _png(slug: str, created_at: datetime) -> bytes:
    return png(
        preview_svg(SharedRecommendation.objects.get(slug=slug, created_at=created_at)), WIDTH
    )


def drawn(rec: Recommendation, shared_at: datetime) -> str:
    engine = rec.engine.id if rec.engine else ""
    titles = fonts.wrapped(title(rec), TITLE_SIZE, RIGHT - LEFT - 60, most=2, bold=True)
    first = 142.0
    lede_y = first + (len(titles) - 1) * TITLE_STEP + 46
    room = 1 if len(titles) > 1 else 2
    lede = fonts.wrapped(rec.headline, LEDE_SIZE, RIGHT - LEFT, most=room)
    bar = memory_bar(rec.memory) if rec.memory else None
    context = {
        "site": SITE,
        "about": f"shared {shared_at:%-d %B %Y}, rule book {rec.rulebook_version}",
        "title": title(rec),
        "titles": [Line(first + i * TITLE_STEP, text) for i, text in enumerate(titles)],
        "lede": [Line(lede_y + i * LEDE_STEP, text) for i, text in enumerate(lede)],
        "keys": list(_keys(rec)),
        "bar": bar,
        "segments": list(_segments(bar)) if bar else (),
        "memory": _memory_words(bar) if bar else "",
        "limit_x": _at(bar.limit_x) if bar and bar.limit_x is not None else LEFT + BAR_WIDTH,
        "frame_width": round(BAR_WIDTH * (bar.limit_x or 100) / 100, 1) if bar else 0.0,
        "chart": _chart(rec),
        "mark": ENGINES.get(engine, ""),
        "engine": engine,
        "engine_colour": palette.engines().get(engine, palette.light()["ink"]),
        **colours(),
    }
    return render_to_string("guide/preview.svg", context)


def _keys(rec: Recommendation) -> Iterator[Key]:
    x = LEFT
    for value, words, basis in _figures(rec):
        wide = fonts.width(value, BIG, bold=True)
        mark = 30.0 if basis else 0.0
        words_x = x + wide + 12 + mark
        if words_x + fonts.width(words, SMALL) > RIGHT:
            return
        yield Key(x, value, words, words_x, basis)
        x = words_x + fonts.width(words, SMALL) + 40


def _figures(rec: Recommendation) -> Iterator[tuple[str, str, str]]:
    speed = rec.speed
    if speed is not None and speed.tok_s_per_user.value is not None:
        each = f"tokens/s each, {_basis_words(speed.tok_s_per_user)}"
        yield figure(speed.tok_s_per_user.value), each, _mark(speed.tok_s_per_user)
    if speed is not None and speed.ttft_ms.value is not None:
        yield milliseconds(speed.ttft_ms.value), "to the first token", _mark(speed.ttft_ms)
    users = dict(rec.answers).get("users")
    if users:
        yield users, "user" if users == "1" else "users at once", ""


def _basis_words(found: Figure) -> str:
    return found.basis.value.replace("-", " ")


def _mark(found: Figure) -> str:
    if found.basis in (Basis.MEASURED_HERE, Basis.MEASURED_SAME_DEVICE):
        return "measured"
    return "calibrated" if found.basis is Basis.CALIBRATED else "estimated"


def _at(percent: float) -> float:
    return round(LEFT + BAR_WIDTH * percent / 100, 1)


def _segments(bar: MemoryBar) -> Iterator[Segment]:
    for index, part in enumerate(bar.segments):
        label = fonts.cut(f"{part.label}, {figure(part.gib)} GiB", 19.0, BAR_WIDTH - 30)
        wide = round(BAR_WIDTH * part.width / 100, 1)
        yield Segment(_at(part.x), wide, index + 1, label, LOWER + 112 + index * 29)


def _memory_words(bar: MemoryBar) -> str:
    if bar.available_gib is None:
        return f"Memory: {figure(bar.total_gib)} GiB"
    if bar.over_gib is not None:
        return f"Memory: {figure(bar.over_gib)} GiB more than can be used"
    return f"Memory: {figure(bar.total_gib)} of {figure(bar.available_gib)} GiB"


def _chart(rec: Recommendation) -> SafeString | None:
    """The speed picture at its own proportions, in the right half."""
    picture = recipe_pictures(rec, "").get("speed")
    if picture is None:
        return None
    height = round(CHART_WIDTH * picture.plot.height / picture.plot.width, 1)
    place = 'x="{}" y="{}" width="{}" height="{}"'
    x, y = RIGHT + 14 - CHART_WIDTH, HEIGHT - 10 - height
    return picture.draw(format_html(place, x, y, CHART_WIDTH, height))

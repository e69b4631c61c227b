"""A badge for a README: the engine's shape and colour, its name, what it does."""

from __future__ import annotations

from django.template.loader import render_to_string

from benchruns.pictures import fonts, palette
from benchruns.pictures.marks import ENGINES
from guide.presentation.card import SITE, badge_words
from recommender.recommendation import Recommendation

SIZE, HEIGHT, PAD, MARK = 11.0, 20, 7.0, 12.0


def badge(rec: Recommendation) -> str:
    """SVG with attributes only, so that it looks the same under any policy."""
    engine = rec.engine.id if rec.engine else ""
    words = badge_words(rec)
    left = fonts.width(SITE, SIZE, bold=True) + 2 * PAD
    mark = MARK + 4 if engine else 0.0
    right = fonts.width(words, SIZE) + 2 * PAD + mark
    context = {
        "site": SITE,
        "words": words,
        "left": round(left, 1),
        "right": round(right, 1),
        "width": round(left + right, 1),
        "inner": round(left + right - 1, 1),
        "height": HEIGHT,
        "site_width": round(left - 2 * PAD, 1),
        "words_width": round(right - 2 * PAD - mark, 1),
        "words_x": round(left + PAD + mark, 1),
        "mark_x": round(left + PAD + MARK / 2, 1),
        "pad": PAD,
        "mark": ENGINES.get(engine, ""),
        "colour": palette.light(),
        "engine_colour": palette.engines().get(engine, palette.light()["ink"]),
        "family": fonts.FAMILY,
    }
    return render_to_string("guide/badge.svg", context)

"""The small signs of the claims ledger: verdicts, and which way a finding points."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from benchruns.templatetags import plots
from guide.presentation.claims import STANCE_WORDS, STATUS_WORDS
from guide.presentation.claims_charts import Chart
from guide.presentation.pictures import claims_picture as picture_of
from recommender.ledger.finding import Stance, Status

register = template.Library()
_UNIT = re.compile(r"(?<=\d) (?=(?:%|GB|GiB|tok/s|bits|ms|s)(?:\W|$))")

# One shape per verdict in a 16×16 box, so that colour is never the only difference.
_SHAPES = {
    Status.HOLDS: '<path d="m2 8.5 4 4 8-9"/>',
    Status.HOLDS_ONLY_IF: '<circle cx="8" cy="8" r="6.2"/><path class="half" d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z"/>',  # noqa: E501
    Status.REFUTED: '<path d="m2.5 2.5 11 11m0-11-11 11"/>',
    Status.IMPOSSIBLE: '<circle cx="8" cy="8" r="6.2"/><path d="m3.6 3.6 8.8 8.8"/>',
    Status.UNTESTED: '<path d="M3 8h2m2 0h2m2 0h2"/>',
}


@register.simple_tag
def verdict_mark(status: str) -> SafeString:
    """The sign and the words."""
    shape = mark_safe(_SHAPES[Status(status)])  # noqa: S308 - a constant from this file
    return format_html(
        '<span class="verdict-mark" data-verdict="{}"><svg viewBox="0 0 16 16" aria-hidden="true">'
        "{}</svg>{}</span>",
        status,
        shape,
        STATUS_WORDS[Status(status)],
    )


@register.inclusion_tag("pictures/_plot.html")
def claims_picture(chart: Chart) -> dict[str, Any]:
    return plots.picture(picture_of(chart), f"/claims/pictures/{chart.id}")


@register.filter
def stance_words(stance: str) -> str:
    return STANCE_WORDS[Stance(stance)]


@register.filter
def units(text: str) -> str:
    """A number and its unit stay on one line."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text)

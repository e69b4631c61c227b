"""The mark of how far a measurement is borne out: a shape and its word, the same everywhere."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommender.trust import MEANINGS, Tier

register = template.Library()

_CIRCLE: Final = '<circle cx="6" cy="6" r="5"/>'
_HALF: Final = '<path class="filled" d="M6 1a5 5 0 0 1 0 10z"/>'
_DOT: Final = '<circle class="filled" cx="6" cy="6" r="5"/>'
_CROSS: Final = '<path d="M2 2l8 8M10 2l-8 8"/>'
_SHAPES: Final = {
    Tier.UNVERIFIED: _CIRCLE,
    Tier.REPEATED: _CIRCLE + _HALF,
    Tier.REPRODUCED: _CIRCLE + _DOT,
}


@register.simple_tag
def tier(found: str, disputed: bool = False) -> SafeString:
    """`found`: a `Tier`; "" draws nothing."""
    if not found:
        return SafeString("")
    marked = _marked("tier", found, _SHAPES[Tier(found)], MEANINGS[Tier(found)])
    if not disputed:
        return marked
    contradicted = "other measurements of the same work contradict it"
    against = _marked("tier tier-disputed", "disputed", _CROSS, contradicted)
    return format_html("{} {}", marked, against)


def _marked(kind: str, word: str, shape: str, meaning: str) -> SafeString:
    return format_html(
        '<span class="{}" title="{}"><svg class="tier-mark" viewBox="0 0 12 12"'
        ' width="12" height="12" aria-hidden="true">{}</svg>{}</span>',
        kind,
        meaning,
        mark_safe(shape),  # noqa: S308 - one of the constants above
        word,
    )

"""The small signs of the site: engine shapes, basis marks, article stamps, where one is."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

try:
    from recommender import rulebook
except ImportError:  # until the rule book lands
    rulebook = None
from recommender.recommendation import Basis

register = template.Library()

# One shape per engine in a 16×16 box, so that colour is never the only difference.
_SHAPES = {
    "ollama": '<circle cx="8" cy="8" r="7"/>',
    "llama.cpp": '<rect x="1.6" y="1.6" width="12.8" height="12.8"/>',
    "vllm": '<path d="M8 .8 15.6 14.6H.4Z"/>',
    "mlx-lm": '<path d="M8 .2 15.8 8 8 15.8.2 8Z"/>',
    "sglang": '<path d="M4.2 1.4h7.6L15.6 8l-3.8 6.6H4.2L.4 8Z"/>',
    "tensorrt-llm": '<path d="M5.6.8h4.8v4.8h4.8v4.8h-4.8v4.8H5.6v-4.8H.8V5.6h4.8Z"/>',
    "tgi": '<path d="M15.2 1.4H.8L8 15.2Z"/>',
}

_BASIS_MARKS = {
    Basis.MEASURED_HERE: '<circle class="solid" cx="8" cy="8" r="6"/>',
    Basis.MEASURED_SAME_DEVICE: '<circle class="solid" cx="8" cy="8" r="6"/>',
    Basis.CALIBRATED: '<rect class="band" x="4" y="1" width="8" height="14"/><path d="M2 8h12"/>',
    Basis.ESTIMATED: '<circle cx="8" cy="8" r="6"/>',
    Basis.CLAIMED: '<circle class="dashed" cx="8" cy="8" r="6"/>',
    Basis.UNKNOWN: '<path d="M3 8h10"/>',
}

_BASIS_WORDS = {
    Basis.MEASURED_HERE: "measured here",
    Basis.MEASURED_SAME_DEVICE: "measured on the same device",
    Basis.CALIBRATED: "estimated, calibrated on measurements",
    Basis.ESTIMATED: "estimated",
    Basis.CLAIMED: "claimed by an article",
    Basis.UNKNOWN: "not known",
}


def _svg(css: str, shape: str) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        css,
        mark_safe(shape),  # noqa: S308 - a constant from this file
    )


@register.simple_tag
def engine_shape(engine: str) -> SafeString:
    return mark_safe(_SHAPES.get(engine, _SHAPES["ollama"]))  # noqa: S308 - a constant


@register.simple_tag
def engine_mark(engine: str) -> SafeString:
    return _svg("engine-mark", _SHAPES.get(engine, ""))


@register.simple_tag
def engine(engine: str | None, *, link: bool = False) -> SafeString:
    """The shape and the name; `link` makes it lead to the engine's page."""
    if not engine:
        return mark_safe('<span class="soft">none</span>')
    inner = format_html("{}{}", engine_mark(engine), engine_name(engine))
    if link:
        page = '<a class="engine" data-engine="{}" href="/engines/{}/">{}</a>'
        return format_html(page, engine, engine, inner)
    return format_html('<span class="engine" data-engine="{}">{}</span>', engine, inner)


@register.filter
def engine_name(engine: str) -> str:
    if rulebook is None:
        return engine
    known = rulebook.load().engines.get(engine)
    return known.name if known else engine


@register.simple_tag
def basis_mark(basis: str) -> SafeString:
    return _svg("basis-mark", _BASIS_MARKS[Basis(basis)])


@register.simple_tag
def basis(basis: str) -> SafeString:
    """The mark and what it means, in words."""
    return format_html(
        '<span class="basis">{}{}</span>', basis_mark(basis), _BASIS_WORDS[Basis(basis)]
    )


@register.filter
def basis_words(basis: str) -> str:
    return _BASIS_WORDS[Basis(basis)]


@register.simple_tag
def wordmark() -> SafeString:
    return mark_safe(
        '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2 21h20M6.5 21v-9M12 21V6M17.5 21v-6"'
        ' fill="none" stroke="currentColor" stroke-width="2.4"/>'
        '<circle class="wordmark-dot" cx="12" cy="6" r="3.2"/></svg>'
    )


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], prefix: str, *, exact: bool = False) -> SafeString:
    """Says `aria-current` on the link to the part of the site one is in."""
    request = context.get("request")
    path = request.path if request else ""
    current = path == prefix if exact else path.startswith(prefix)
    return mark_safe(' aria-current="page"' if current else "")


@register.simple_tag
def rulebook_version() -> str:
    if rulebook is None:
        return ""
    return f"Rule book {rulebook.load().version}."

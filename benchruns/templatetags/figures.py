"""Figures with their units; what is not there is said in words."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from recommender import catalogue

register = template.Library()


@register.simple_tag
def figure(
    value: float | None, unit: str = "", digits: int = 1, missing: str = "not measured"
) -> SafeString:
    """`412.0 ms`; the unit small, a missing value in words."""
    if value is None:
        return format_html('<span class="soft">{}</span>', missing)
    number = f"{value:,.{digits}f}"
    return (
        format_html('{}<span class="unit">{}</span>', number, unit)
        if unit
        else format_html("{}", number)
    )


@register.filter
def model_name(model: str) -> str:
    known = catalogue.load().model(model)
    return known.name if known else model


@register.filter
def about(value: float) -> str:
    """A guess, no more exact than it is: `25 s`, `7 min`, `2 h 20 min`."""
    if value < 57:
        return f"{max(5, round(value / 5) * 5)} s"
    minutes = round(value / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60 // 10 * 10} min"


@register.filter
def duration(value: timedelta | float | None) -> str:
    """`12 s`, `3 min 5 s`, `2 h 4 min`; empty without a value."""
    if value is None:
        return ""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"

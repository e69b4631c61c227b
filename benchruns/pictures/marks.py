"""Shapes: one for each engine, one for each arm of a comparison, one for each basis.

Paths around (0, 0), the same on the page, in the script and in files.
"""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from benchruns.pictures.plot import Series

ENGINES: Final = {
    "ollama": "M-4.4 0a4.4 4.4 0 1 0 8.8 0a4.4 4.4 0 1 0-8.8 0Z",
    "llama.cpp": "M-4-4h8v8h-8Z",
    "vllm": "M0-4.5 4.75 4.1h-9.5Z",
    "mlx-lm": "M0-4.9 4.9 0 0 4.9-4.9 0Z",
    "sglang": "M-2.4-4.1h4.8l2.4 4.1-2.4 4.1h-4.8l-2.4-4.1Z",
    "tensorrt-llm": "M-1.5-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z",
    "tgi": "M4.5-4.1h-9L0 4.5Z",
}


def key_mark(series: Series) -> SafeString:
    """As the picture draws it, around (0, 0)."""
    if series.marker:
        line = format_html('<path class="{}" d="M-11 0H11"{}/>', series.line_css, _dashed(series))
        mark = format_html('<path class="{}" d="{}"/>', series.css, series.marker)
        return format_html("{}{}", line if series.line else "", mark)
    if series.css.startswith("part-"):
        return format_html('<rect class="{}" x="-5" y="-5" width="10" height="10"/>', series.css)
    band = '<rect class="band" x="-9" y="-5.5" width="18" height="11"/>' if series.band else ""
    return format_html('{}<circle class="{}" r="{}"/>', SafeString(band), series.css, series.radius)


def _dashed(series: Series) -> SafeString:
    return format_html(' stroke-dasharray="{}"', series.dash) if series.dash else SafeString("")

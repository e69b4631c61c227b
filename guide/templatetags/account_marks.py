"""What account pages need of templates."""

from __future__ import annotations

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """As text, which autoescape makes safe in any element: no data block, no script tag."""
    return json.dumps(value)

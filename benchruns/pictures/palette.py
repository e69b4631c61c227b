"""The site's colours for files that carry no style sheet of the site; read from where they are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings

TOKENS = Path("static") / "css" / "tokens.css"
_ROOT = re.compile(r":root\s*\{(?P<rules>[^}]*)\}")
_COLOUR = re.compile(r"--(?P<name>[\w-]+):\s*(?:light-dark\(\s*)?(?P<value>#[0-9a-fA-F]{3,8})\b")
_ENGINE = re.compile(
    r'\[data-engine="(?P<id>[^"]+)"\]\s*\{\s*--engine:\s*var\(--(?P<name>[\w-]+)\)'
)


@cache
def light() -> dict[str, str]:
    """Name of a token, with `_` for `-`, to its colour on paper.

    Raises:
        ValueError: the style sheet has no colours where they are looked for.
    """
    found = _ROOT.search(_tokens())
    named = _COLOUR.findall(found["rules"]) if found else []
    if not named:
        msg = f"{TOKENS} has no colours in its first :root."
        raise ValueError(msg)
    return {name.replace("-", "_"): value for name, value in named}


@cache
def engines() -> dict[str, str]:
    """Engine id to its colour on paper, in the order of the style sheet."""
    colours = light()
    return {
        found["id"]: colours[found["name"].replace("-", "_")]
        for found in _ENGINE.finditer(_tokens())
    }


def _tokens() -> str:
    return (Path(settings.BASE_DIR) / TOKENS).read_text("utf-8")

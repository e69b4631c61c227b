"""Ids of rows, as people write them into an address or a form."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 18
"""Digits that every database has room for, and Python reads without complaint."""


def row_id(text: str) -> int | None:
    """None for what is no id of any row."""
    is_one = text.isascii() and text.isdigit() and len(text) <= LONGEST
    return int(text) if is_one else None

"""What came from a host, made fit for a row."""

from __future__ import annotations

from typing import Any


def without_nul(value: Any) -> Any:
    """The same without NUL characters: PostgreSQL stores none in text, and engines print them."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(part) for part in value]
    return value

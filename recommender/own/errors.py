"""What can be wrong with a model or device that a visitor describes."""

from __future__ import annotations


class OwnError(ValueError):
    """It cannot be used. The text is a sentence that says what is wrong and what is allowed."""

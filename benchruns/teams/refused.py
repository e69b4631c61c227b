"""Why something about a team was not done."""

from __future__ import annotations


class TeamRefused(Exception):
    """In a sentence that says what was wrong and what is allowed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

"""What the page of components shows: the names of the tokens, and one recipe to draw."""

from __future__ import annotations

from typing import Any

from guide.presentation.board import board, still_open
from guide.presentation.memory_bar import memory_bar
from recommender.answers import parse
from recommender.recommend import recommend

TOKENS = {
    "Paper": ("paper", "paper-raised", "paper-sunk"),
    "Ink": ("ink", "ink-soft", "line-strong", "line"),
    "What to do next": ("signal", "signal-wash"),
    "Good and bad": ("good", "bad", "bad-wash"),
    "Memory": ("memory-1", "memory-2", "memory-3", "memory-4"),
}
"""By what they are for; `patterns.css` has a class for each."""

TYPE = ("3xl", "2xl", "xl", "l", "m", "s", "xs")

STATUSES = (
    "queued",
    "claimed",
    "preparing",
    "running",
    "done",
    "failed",
    "cancelled",
    "expired",
    "online",
    "offline",
    "revoked",
)
"""Of runs and hosts."""

SHOWN = (
    ("users", "20"),
    ("hardware", "nvidia"),
    ("device", "rtx-4090"),
    ("model", "llama-3.1-8b"),
)
"""Answers whose recipe the page draws parts of."""


def sample() -> dict[str, Any]:
    rec = recommend(parse(SHOWN))
    return {
        "rec": rec,
        "board": board(rec),
        "still_open": still_open(rec),
        "bar": memory_bar(rec.memory) if rec.memory else None,
    }

"""What `make run` prints: one line per thing that happened, the part's name first."""

from __future__ import annotations

import sys


def say(part: str, text: str) -> None:
    sys.stdout.write(f"rigguide  {part:<9} {text}\n")
    sys.stdout.flush()


class Stop(Exception):
    """Ends the start with one sentence that says what to do."""

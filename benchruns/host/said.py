"""What a command of the machine prints about it."""

from __future__ import annotations

import subprocess


def said(*argv: str) -> str:
    """What a command prints; "" where there is no such command or it fails."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

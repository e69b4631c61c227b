"""macOS's counterpart of a unit: a property list for launchd."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LABEL: Final = "org.rigguide.host"
NAME: Final = f"{LABEL}.plist"


def job(argv: Sequence[str], log: Path | None) -> str:
    """Started when its user logs in, and again when it fails. `log` None: `argv` sees to it."""
    told = {} if log is None else {"StandardOutPath": str(log), "StandardErrorPath": str(log)}
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(argv),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 30,
            "ProcessType": "Interactive",  # else macOS slows it down while it measures
            **told,
        },
        sort_keys=False,
    ).decode()

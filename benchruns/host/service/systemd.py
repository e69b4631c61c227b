"""A systemd unit for `rigguide host`: of a person's own, or of the whole machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchruns.host.exits import EXIT_PROTOCOL, EXIT_REFUSED

NAME: Final = "rigguide-host.service"
GRACE_S: Final = 30


OF_HOME: Final = "%h/.local/share/rigguide/venv/bin/rigguide host"
"""Where install.sh puts it, in a person's own unit."""


def unit(argv: Sequence[str], *, user: str | None = None) -> str:
    """`argv` starts the worker. `user`: whose it is in a unit of the machine; None: one's own."""
    return text(" ".join(map(_quoted, argv)), user=user)


def text(start: str, *, user: str | None = None) -> str:
    """`start` as systemd reads it. A site that refused the machine is not asked again and again."""
    return "\n".join(
        (
            "[Unit]",
            "Description=RigGuide host: measures inference engines for its site",
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=exec",
            *(() if user is None else (f"User={user}",)),
            f"ExecStart={start}",
            "Restart=always",
            "RestartSec=10",
            f"RestartPreventExitStatus={EXIT_PROTOCOL} {EXIT_REFUSED}",
            f"TimeoutStopSec={GRACE_S}",
            # Engines are its children; what is left of them after the grace ends with it.
            "KillMode=mixed",
            "NoNewPrivileges=yes",
            "LockPersonality=yes",
            "RestrictSUIDSGID=yes",
            "",
            "[Install]",
            f"WantedBy={'default.target' if user is None else 'multi-user.target'}",
            "",
        )
    )


def _quoted(word: str) -> str:
    """As systemd reads it: percent and dollar are signs of its own."""
    plain = word.replace("%", "%%").replace("$", "$$")
    if plain and not set(plain) & set(" \t\"'\\;"):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

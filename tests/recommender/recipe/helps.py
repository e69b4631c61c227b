"""Option names and value hints out of a program's help text, whichever library wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "help"
NAME = re.compile(r"--?[A-Za-z][\w.-]*")
HINT = re.compile(r" (\S+?(?: \S+)*?)(?=,\s|\s{2,}|$)")


def parsed(text: str) -> dict[str, str]:
    """Every option with its hint, "" where it stands alone."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if re.match(r"\s{0,8}-{1,2}[A-Za-z]", line):
            names, hint = _heads(line.strip())
            found |= dict.fromkeys(names, hint)
    return found


def _heads(line: str) -> tuple[list[str], str]:
    """The names a line begins with: `-c, --ctx-size N   size of …`."""
    names, hint = [], ""
    while match := NAME.match(line):
        names.append(match.group())
        line = line[match.end() :]
        if value := HINT.match(line):
            hint, line = value.group(1), line[value.end() :]
        if not line.startswith(","):
            break
        line = line[1:].lstrip()
    return names, hint


@cache
def recorded() -> tuple[dict[str, Any], ...]:
    """Every program whose help was written down, with its version, day and how."""
    return tuple(_programs())


def _programs() -> Iterator[dict[str, Any]]:
    for path in sorted(RECORDED.glob("*.json")):
        data = json.loads(path.read_text())
        yield from ({"engine": data["engine"], **program} for program in data["programs"])

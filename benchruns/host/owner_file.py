"""`rigguide.toml`: what the options of `rigguide host` say, kept in a file of the machine's owner.

```toml
[host]
engines = ["llama.cpp"]
max_minutes = 20
hours = "22-06"
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

NAME: Final = "rigguide.toml"
TABLE: Final = "host"


def read(path: Path, allowed: Collection[str]) -> dict[str, Any]:
    """The `[host]` table; empty where there is none. Raises ValueError with a sentence."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}.") from error
    table = told.get(TABLE, {})
    if not isinstance(table, dict):
        raise ValueError(f"{path}: {TABLE} must be a table: write [{TABLE}] above its lines.")
    if unknown := sorted(set(table) - set(allowed)):
        known = ", ".join(sorted(allowed))
        raise ValueError(f"{path}: {unknown[0]} is no setting of a host; there are: {known}.")
    return table

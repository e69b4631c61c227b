"""The packages a host needs, locked with hashes: the file that every release is tested with."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path("requirements") / "host.txt"
ENGINES: Final = frozenset({"xllamacpp"})
"""What has no wheel for every machine; a host without it has other engines, or none yet."""

_STARTS: Final = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def text(root: Path, *, engines: bool = True) -> str | None:
    """The whole file, or without the engine that comes as a package; None where there is none."""
    path = root / FILE
    return _text(path, path.stat().st_mtime_ns, engines) if path.is_file() else None


@lru_cache(maxsize=8)
def _text(path: Path, changed_ns: int, engines: bool) -> str:
    del changed_ns
    whole = path.read_text("utf-8")
    return whole if engines else "".join(part for part in _parts(whole) if not _is_engine(part))


def _parts(whole: str) -> list[str]:
    """What stands before the first requirement, then one text for each."""
    starts = [found.start() for found in _STARTS.finditer(whole)]
    ends = [*starts, len(whole)]
    return [whole[begin:end] for begin, end in zip([0, *starts], ends, strict=True)]


def _is_engine(part: str) -> bool:
    found = _STARTS.match(part)
    return found is not None and found[1] in ENGINES

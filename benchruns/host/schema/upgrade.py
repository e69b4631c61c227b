"""Older documents in today's form, one step per version. Only ever add a step, never change one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

Raw = dict[str, Any]


def upgraded(raw: Raw, newest: int) -> Raw:
    """`raw` in the form of `newest`. Raises ValueError for a version this release cannot read."""
    version = raw.get("schema_version", newest)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"schema_version {version!r} is none of 1 to {newest}")
    if version > newest:
        raise ValueError(
            f"schema_version {version} is newer than {newest}, the newest this release reads: "
            "update RigGuide"
        )
    for step in range(version, newest):
        raw = _STEPS[step](raw) | {"schema_version": step + 1}
    return raw


def _from_1(raw: Raw) -> Raw:
    """Marks become findings; requests that did not go well are counted apart."""
    points = [_point_from_1(point) for point in _objects(raw.get("points"))]
    return _guarded(raw) | {"points": points}


def _point_from_1(point: Raw) -> Raw:
    point = _guarded(point)
    if not isinstance(point.get("summary"), dict):
        return point
    outcomes = Counter(sample.get("outcome", "ok") for sample in _objects(point.get("samples")))
    counts = {
        "short": outcomes["short"],
        "failed": outcomes["failed"],
        "timeouts": outcomes["timeout"],
    }
    return point | {"summary": counts | point["summary"]}


def _objects(value: Any) -> list[Raw]:
    if isinstance(value, list | tuple) and all(isinstance(item, dict) for item in value):
        return list(value)
    raise ValueError("points and samples must be lists of objects")


def _guarded(part: Raw) -> Raw:
    """Version 1 kept sentences only; which guard spoke is known by what it used to say."""
    rest = {key: value for key, value in part.items() if key != "marks"}
    marks = part.get("marks")
    if not marks:
        return rest
    return rest | {"guards": [{"guard": _guard_of(str(m)), "sentence": str(m)} for m in marks]}


_SAID_1: Final = (
    ("came from a cache", "prefix-cache"),
    ("sent no usage", "usage-missing"),
    ("tokens instead of", "prompt-length"),
    ("before the asked number of tokens", "output-short"),
    ("requests failed", "failures"),
    ("took too long", "failures"),
    ("more than memory can deliver", "above-roofline"),
    ("load generator itself", "client-lag"),
    ("of the processor meanwhile", "competing-load"),
    ("swapped", "swapping"),
    ("cut off by", "time-limit"),
    ("left no room", "time-limit"),
    ("was not started here", "not-ours"),
)


def _guard_of(mark: str) -> str:
    return next((guard for words, guard in _SAID_1 if words in mark), "other")


_STEPS: Final[dict[int, Callable[[Raw], Raw]]] = {1: _from_1}

"""Files that hold results: one document, or a comparison with those of all its rounds."""

from __future__ import annotations

import json
from typing import Any


class NotOne(ValueError):
    """The file holds no result; the text says why."""


def documents_in(text: bytes | str) -> list[dict[str, Any]]:
    """The result documents as JSON, not validated yet. Raises NotOne."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotOne("The file is not JSON, so it is no result document.") from error
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind == "rigguide.result":
        return [given]
    if kind == "rigguide.comparison":
        return _turns(given)
    raise NotOne(
        "The file is neither a result document nor a comparison: its `kind` is "
        f"{str(kind)[:40]!r}, not rigguide.result or rigguide.comparison."
    )


def _turns(comparison: dict[str, Any]) -> list[dict[str, Any]]:
    turns = comparison.get("turns")
    if not isinstance(turns, list) or not turns:
        raise NotOne("The comparison holds no rounds.")
    found = [turn.get("document") if isinstance(turn, dict) else None for turn in turns]
    if not all(isinstance(document, dict) for document in found):
        raise NotOne("The comparison has a round without its result document.")
    return [document for document in found if isinstance(document, dict)]

"""When two results are of the same work, and when they are the same samples. Knows no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORK: Final = (
    "engine", "model", "quant", "hardware", "accelerators", "variant", "prompt_tokens",
    "output_tokens", "synthetic_weights",
)  # fmt: skip
_TIMES: Final = ("start_s", "first_token_s", "end_s", "token_times_s", "output_tokens")


def work(measurement: Mapping[str, Any]) -> str:
    """The same for one engine, model and load on one kind of machine, whoever has it.

    `measurement`: the JSON that a result keeps. The kind of machine is its device in the catalogue,
    else what the machine is in words.
    """
    kind = measurement.get("device") or measurement.get("machine")
    return _hashed([kind, *(measurement.get(name) for name in _WORK)])


def fingerprint(document: Mapping[str, Any]) -> str:
    """The same for the same raw samples, whatever else a document says; "" where it has none.

    Two real measurements never share all their times. A copy with another date does.
    """
    samples = [[sample.get(name) for name in _TIMES] for sample in _samples(document)]
    return _hashed(samples) if samples else ""


def _samples(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for points in ("points", "open_points"):
        for point in document.get(points) or ():
            yield from point.get("samples") or ()


def _hashed(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()

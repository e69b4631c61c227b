"""Every published row is understood, and nothing that was measured reaches its prediction."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from recommender import rows

TEXT = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8").splitlines()
RAW: list[dict[str, Any]] = [json.loads(line) for line in TEXT]


def one(raw: dict[str, Any]) -> rows.Row:
    return rows.read([json.dumps(raw)])[0]


def test_every_row_that_names_a_device_or_needs_none_gets_a_figure() -> None:
    for raw, row in zip(RAW, rows.read(TEXT), strict=True):
        got = rows.predict(row)
        assert got.value is not None, (raw["id"], got.reason)
        assert got.low is not None
        assert got.high is not None
        assert 0 < got.low <= got.value <= got.high, raw["id"]
        assert got.unit == raw["unit"]
        assert got.basis


@pytest.mark.parametrize("raw", RAW[::13], ids=lambda raw: str(raw["id"]))
def test_what_was_measured_changes_nothing(raw: dict[str, Any]) -> None:
    """Neither the value, nor what the author noted beside it, nor latencies among the settings."""
    plain = rows.predict(one(raw))
    other = {**raw, "value": 1e9, "note": "log: 7 GiB, 123 tok/s, mean TPOT 3 ms"}
    other["conditions"] = f"{raw['conditions']}, ttft_p50 1.5 ms, itl_p50 2.5 ms"
    without = {key: value for key, value in raw.items() if key not in ("value", "note")}
    assert rows.predict(one(other)) == plain
    assert rows.predict(one(without)) == plain

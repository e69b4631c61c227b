"""A measurement of this project becomes rows of the calibration data's form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommender.calibrate import own
from recommender.calibrate.samples import Published
from recommender.evidence import MeasuredPoint, Measurement
from recommender.rows.predict import predict
from recommender.rows.read import Row


def point(clients: int, rate: float, *, stable: bool = True) -> MeasuredPoint:
    return MeasuredPoint(clients, 100.0, 120.0, rate / clients, rate / clients, rate, stable)


MADE = Measurement(
    engine="llama.cpp",
    model="qwen3-8b",
    quant="Q4_K_M",
    hardware="nvidia",
    device="rtx-3090",
    machine="one RTX 3090",
    host="rig",
    engine_version="b7000",
    variant="tuned",
    prompt_tokens=512,
    output_tokens=128,
    synthetic_weights=True,
    measured_at=datetime(2026, 11, 20, tzinfo=UTC),
    url="",
    points=(point(1, 100.0), point(4, 280.0), point(8, 300.0, stable=False)),
    memory_gib=24,
    accelerators=1,
)


def test_each_stable_point_is_a_row() -> None:
    alone, four = own.rows(MADE)
    assert (alone["kind"], alone["value"], alone["unit"]) == ("decode", 100.0, "tok/s")
    assert (four["kind"], four["value"], four["concurrency"]) == ("concurrent", 280.0, 4)
    assert "--parallel 4" in four["conditions"]
    assert "synthetic weights" in four["conditions"]


def test_its_rows_can_be_foretold_and_have_one_source() -> None:
    found = own.rows(MADE)
    assert len({Published.model_validate(row).group for row in found}) == 1
    for row in found:
        assert predict(Row.model_validate(row)).value is not None


def test_a_machine_in_no_catalogue_teaches_nothing() -> None:
    with pytest.raises(own.NotUsable, match="in no catalogue"):
        own.rows(replace(MADE, device=None))


def test_what_was_unstable_teaches_nothing() -> None:
    with pytest.raises(own.NotUsable, match="No point was stable"):
        own.rows(replace(MADE, points=(point(1, 100.0, stable=False),)))

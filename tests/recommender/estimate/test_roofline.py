"""The ceiling that nothing measured may exceed."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from recommender import catalogue
from recommender.estimate.roofline import decode_limit, hard_limit

CATALOGUE = catalogue.load()


def test_it_is_bandwidth_over_bytes() -> None:
    limit = decode_limit(
        CATALOGUE.devices["rtx-4090"], CATALOGUE.models["llama-3-8b"], CATALOGUE.quants["F16"]
    )
    assert limit == pytest.approx(63, abs=0.5)


def test_its_hard_limit_leaves_out_the_table_that_is_only_looked_up() -> None:
    case = CATALOGUE.devices["rtx-4090"], CATALOGUE.models["llama-3-8b"], CATALOGUE.quants["F16"]
    assert hard_limit(*case) == pytest.approx(decode_limit(*case) * 8.03 / 7.5, rel=0.01)


def test_no_published_single_stream_exceeds_it() -> None:
    text = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8")
    compared = 0
    for row in map(json.loads, text.splitlines()):
        device = CATALOGUE.device(row["device"] or "")
        model, quant = CATALOGUE.model(row["model"]), CATALOGUE.quant(row["quant"])
        if row["kind"] != "decode" or not (device and model and quant):
            continue
        compared += 1
        assert row["value"] < hard_limit(device, model, quant) * row["device_count"], row["id"]
    assert compared > 120

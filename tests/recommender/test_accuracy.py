"""Accuracy: errors are read from what was foretold, never typed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pydantic import ValidationError

from recommender import accuracy
from recommender.accuracy import Accuracy, Row

ROW = {
    "id": "made-1",
    "kind": "decode",
    "engine": "llama.cpp",
    "backend": "cuda",
    "device_class": "gddr",
    "device": "a card",
    "model": "a model",
    "params_b": 8.0,
    "quant": "Q4_K_M",
    "concurrency": 1,
    "published": 100.0,
    "predicted": 90.0,
    "low": 80.0,
    "high": 95.0,
    "baseline": 150.0,
    "unit": "tok/s",
    "source": "https://example.org/a",
}


def row(**changes: object) -> Row:
    return Row.model_validate({**ROW, **changes})


def test_an_error_is_a_share_of_what_was_published() -> None:
    assert row().error == pytest.approx(0.1)
    assert row().baseline_error == pytest.approx(0.5)
    assert row(predicted=None).error is None


def test_an_interval_holds_the_published_value_or_does_not() -> None:
    assert row().inside is False
    assert row(high=100.0).inside is True
    assert row(low=None, high=None).inside is None


def test_a_summary_counts_rows_without_a_prediction_apart() -> None:
    rows = [row(predicted=p) for p in (100.0, 110.0, 150.0)] + [row(predicted=None, low=None)]
    told = accuracy.summary(rows)
    assert (told.n, told.missing) == (3, 1)
    assert told.median == pytest.approx(0.1)
    assert told.p90 == pytest.approx(0.42)  # linear between 0.1 and 0.5
    assert told.coverage == 0
    assert told.baseline_median == pytest.approx(0.5)


def test_nothing_has_no_error() -> None:
    told = accuracy.summary([])
    assert (told.n, told.median, told.p90, told.coverage) == (0, None, None, None)


def test_groups_come_largest_first_and_what_is_not_told_has_its_own() -> None:
    rows = [row(engine="vllm", params_b=None), row(), row(), row(params_b=400)]
    assert list(accuracy.grouped(rows, "engine")) == ["llama.cpp", "vllm"]
    sizes = accuracy.grouped(rows, "model_size")
    assert set(sizes) == {"4 to 10 B", accuracy.LARGEST, accuracy.UNKNOWN}


def test_the_worst_are_told_by_factor() -> None:
    half, third_more = row(predicted=50.0), row(predicted=133.0)
    assert accuracy.worst([third_more, half, row(predicted=None)]) == (half, third_more)


def test_a_field_nobody_knows_does_not_load() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        row(surprise=1)


def test_the_shipped_edition_covers_every_row_it_names_once() -> None:
    shipped: Accuracy = accuracy.load()
    ids = [one.id for one in shipped.rows]
    assert len(ids) == len(set(ids))
    assert all(a < b for a, b in pairwise(ids))
    assert {"decode", "prefill", "concurrent"} <= {one.kind for one in shipped.rows}


def test_the_shipped_estimates_beat_one_efficiency_for_all() -> None:
    for kind in ("decode", "concurrent"):
        told = accuracy.summary(accuracy.of_kind(accuracy.load().rows, kind))
        assert told.median is not None
        assert told.baseline_median is not None
        assert told.median < told.baseline_median

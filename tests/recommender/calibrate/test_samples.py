"""Which rows are fitted on, and who is taken to have measured them."""

from __future__ import annotations

import pytest

from recommender.calibrate.samples import Published, samples


def said(source: str, device_count: int = 1) -> Published:
    row = {"id": "made", "kind": "decode", "value": 1.0, "unit": "tok/s", "source": source}
    return Published.model_validate(row | {"device_count": device_count})


@pytest.mark.parametrize(
    ("source", "group"),
    [
        ("https://github.com/someone/rig/blob/abc/results.md#row-3", "someone/rig"),
        ("https://github.com/someone/rig/blob/def/other.md", "someone/rig"),
        ("https://github.com/ggml-org/llama.cpp/pull/4766", "ggml-org/llama.cpp/pull/4766"),
        ("measured with this project: rtx-3090-vllm", "measured with this project: rtx-3090-vllm"),
    ],
)
def test_a_source_is_a_repository_or_one_thread_of_many_authors(source: str, group: str) -> None:
    assert said(source).group == group


def test_a_row_whose_source_counts_other_devices_is_left_out() -> None:
    layout = "https://github.com/a/b/topo-tp1-pp4-dp1"
    assert said(layout, device_count=4).plausible
    assert not said(layout).plausible


def test_every_plausible_speed_of_the_calibration_data_is_a_sample() -> None:
    assert len(samples()) >= 415
    assert len({one.said.group for one in samples()}) >= 15


def test_nobody_reads_a_result_of_a_row_into_its_sample() -> None:
    for one in samples():
        assert not hasattr(one.row, "value")
        assert not hasattr(one.row, "note")

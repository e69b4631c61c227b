"""How RigGuide and its peers are held against one another."""

from __future__ import annotations

import pytest

from benchmarks.peers import report
from benchmarks.peers.figures import Figures
from benchmarks.peers.report import Row, rows


def told(tool: str, *values: float | None, figure: str = "output_tok_s") -> list[Figures]:
    return [Figures(tool, number, 4, {figure: value}) for number, value in enumerate(values, 1)]


def only(found: list[Figures], **truth: float) -> Row:
    (row,) = rows("mock", found, truth)
    return row


def test_it_holds_medians_against_one_another() -> None:
    mine, theirs = told("RigGuide", 98, 99, 101, 100, 97), told("vllm bench serve", *[100] * 5)
    row = only([*mine, *theirs])
    assert (row.mine, row.theirs, row.apart) == (99, 100, pytest.approx(-0.01))
    assert row.agrees
    assert row.ratio is not None
    assert row.ratio.rounds == 5


def test_it_says_where_they_are_further_apart_than_promised() -> None:
    row = only([*told("RigGuide", 95), *told("vllm bench serve", 100)])
    assert row.agrees is False
    assert "NOT within 3%" in report.line(row)
    assert report.as_json(row)["agrees"] is False


def test_times_may_lie_further_apart_than_rates() -> None:
    mine, theirs = (
        told("RigGuide", 96, figure="ttft_ms"),
        told("llama-bench", 100, figure="ttft_ms"),
    )
    assert only([*mine, *theirs]).agrees


def test_others_than_references_are_only_shown() -> None:
    row = only([*told("RigGuide", 50), *told("GuideLLM", 100)])
    assert row.agrees is None
    assert "NOT" not in report.line(row)


def test_a_round_that_failed_counts_for_neither() -> None:
    mine, theirs = told("RigGuide", 100, 200, 100), told("vllm bench serve", 100, 100, 100)
    row = only([*mine, theirs[0], theirs[2]])
    assert row.ratio is not None
    assert (row.ratio.value, row.ratio.rounds) == (1.0, 2)


def test_what_a_tool_does_not_tell_is_no_row() -> None:
    assert not list(rows("mock", [*told("RigGuide", 1), *told("GuideLLM", None)], {}))
    assert not list(rows("mock", told("RigGuide", 1), {}))


def test_the_truth_is_a_peer_where_it_is_known() -> None:
    row = only(told("RigGuide", 103, figure="ttft_ms"), ttft_ms=100.0)
    assert (row.other, row.theirs, row.agrees) == ("the truth", 100, True)

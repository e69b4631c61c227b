from __future__ import annotations

import csv
from io import StringIO

from benchruns.comparing.arms import comparison
from benchruns.comparing.table import as_csv, lines
from tests.benchruns.comparing.shown import shown


def test_what_is_to_be_compared_stands_together() -> None:
    made = comparison([shown("a", {1: 1.0, 4: 3.0}), shown("b", {1: 2.0, 4: 5.0}, engine="vllm")])
    assert [(line.clients, line.arm.letter) for line in lines(made)] == [
        (1, "A"),
        (1, "B"),
        (4, "A"),
        (4, "B"),
    ]


def test_the_csv_has_a_row_for_every_round_and_its_context() -> None:
    made = comparison([shown("a", {1: 1.0}), shown("b", {1: None}, after_s=60)])
    rows = list(csv.DictReader(StringIO(as_csv(made))))
    assert [(row["round"], row["result"], row["output_tok_s (tok/s)"]) for row in rows] == [
        ("1", "a", "1"),
        ("2", "b", ""),
    ]
    assert (rows[0]["host"], rows[0]["Engine"], rows[0]["ttft_ms (ms)"]) == (
        "alice",
        "llama.cpp",
        "100",
    )


def test_no_spreadsheet_takes_what_a_host_says_for_a_formula() -> None:
    evil = "=HYPERLINK(1)"
    made = comparison([shown("a", {1: 1.0}, host="@evil", engine_facts={"version": evil})])
    row = next(csv.DictReader(StringIO(as_csv(made))))
    assert (row["Version"], row["host"]) == (f"'{evil}", "'@evil")

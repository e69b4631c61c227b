from __future__ import annotations

import csv
from io import StringIO

import pytest

from benchruns.pictures.table import as_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_runs_what_somebody_called_a_machine(start: str) -> None:
    text = as_csv(["name"], [[f"{start}cmd|' /C calc'!A0"]])
    (cell,) = list(csv.reader(StringIO(text, newline="")))[1]
    assert cell == f"'{start}cmd|' /C calc'!A0"


def test_what_is_not_known_is_empty_and_nought_is_nought() -> None:
    assert list(csv.reader(StringIO(as_csv(["a", "b", "c"], [[None, 0, 0.5]])))) == [
        ["a", "b", "c"],
        ["", "0", "0.5"],
    ]


def test_a_negative_number_stays_one() -> None:
    assert as_csv(["a"], [[-2.5]]).splitlines()[1] == "-2.5"

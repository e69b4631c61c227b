"""CSV for spreadsheets, which take what begins like a formula for one."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

Cell = str | float | int | None
FORMULA = frozenset("=+-@\t\r")


def plain(text: str) -> str:
    """What a host or a visitor called something, so that no spreadsheet runs it."""
    return f"'{text}" if text[:1] in FORMULA else text


def as_csv(heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """What is not known is an empty cell, never 0."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([plain(head) for head in heads])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return plain(cell) if isinstance(cell, str) else f"{cell:.10g}"

"""The compared figures as rows, for the table on the page and for CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from benchruns.comparing.arms import Arm, Comparison, Shown, Value
from benchruns.comparing.facts import FACTS, identity
from benchruns.host.compare.metrics import METRICS
from benchruns.host.document import Point
from benchruns.pictures.table import plain


@dataclass(frozen=True, slots=True)
class Line:
    """One arm at one number of clients; a figure that is not known is None."""

    arm: Arm
    clients: int
    values: tuple[Value | None, ...]  # in the order of METRICS
    n: int
    not_ok: int


def lines(comparison: Comparison) -> tuple[Line, ...]:
    """By number of clients, so that what is to be compared stands together."""
    made = (_line(arm, clients) for arm in comparison.arms for clients in _clients(arm))
    return tuple(sorted(made, key=lambda line: (line.clients, line.arm.letter)))


def _clients(arm: Arm) -> list[int]:
    return sorted({point.clients for document in arm.documents for point in document.points})


def _line(arm: Arm, clients: int) -> Line:
    found = [{v.clients: v for v in arm.values(metric)}.get(clients) for metric in METRICS]
    points = [p for d in arm.documents for p in d.points if p.clients == clients]
    return Line(
        arm,
        clients,
        tuple(found),
        sum(p.summary.ok for p in points),
        sum(p.summary.not_ok for p in points),
    )


def as_csv(comparison: Comparison) -> str:
    """One row for each result and number of clients, context included; unknown is empty."""
    text = StringIO()
    names = [fact.name for fact in FACTS]
    figures = [f"{metric.id} ({metric.unit})" for metric in METRICS]
    writer = csv.writer(text)
    about = ["arm", "round", "result", "host", "uploaded", "clients", "n", "not ok"]
    writer.writerow([*about, *figures, *names])
    for arm in comparison.arms:
        for number, shown in enumerate(arm.shown, 1):
            writer.writerows(_csv_rows(arm, number, shown))
    return text.getvalue()


def _csv_rows(arm: Arm, number: int, shown: Shown) -> Iterator[list[str]]:
    context = [plain(value) for value in identity(shown.document)]
    for point in shown.document.points:
        told = [str(point.clients), str(point.summary.ok), str(point.summary.not_ok)]
        uploaded = "yes" if shown.uploaded else "no"
        begin = [arm.letter, str(number), shown.id, plain(shown.host), uploaded]
        yield [*begin, *told, *_figures(point), *context]


def _figures(point: Point) -> Iterator[str]:
    for metric in METRICS:
        value = None if point.refused else metric.of(point.summary)
        yield "" if value is None else f"{value:g}"

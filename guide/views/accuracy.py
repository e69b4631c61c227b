"""`/accuracy/`: how far the estimates are off, from what they foretold of unseen rows."""

from __future__ import annotations

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guide.presentation.accuracy import TITLES, accuracy_context, rows_of, title
from recommender.accuracy import Row, load

CSV = "text/csv; charset=utf-8"
COLUMNS = (*Row.model_fields, "error", "baseline_error", "inside")


@require_safe
def accuracy(request: HttpRequest) -> HttpResponse:
    return render(request, "guide/accuracy.html", accuracy_context())


@require_safe
def accuracy_rows(request: HttpRequest) -> HttpResponse:
    """Every row behind the pictures, the worst first; `kind` picks one kind."""
    kind = request.GET.get("kind", "")
    try:
        rows = rows_of(kind)
    except ValueError as error:
        wrong = {"reason": str(error), "back": "/accuracy/"}
        return render(request, "400.html", wrong, status=400)
    present = {row.kind for row in load().rows}
    context = {
        "rows": [(row, title(row)) for row in rows],
        "kind": kind,
        "kinds": [(name, words) for name, words in TITLES.items() if name in present],
        "title": TITLES[rows[0].kind] if kind and rows else "Every row",
    }
    return render(request, "guide/accuracy_rows.html", context)


@require_safe
def accuracy_csv(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="accuracy-{load().edition}.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) for column in COLUMNS] for row in load().rows)
    return response

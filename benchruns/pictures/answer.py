"""The same picture as SVG, PNG or CSV: a file with a name of its own."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from django.http import Http404, HttpResponse

from benchruns.pictures.picture import Picture
from benchruns.pictures.plot import cells, heads
from benchruns.pictures.png import SHARP, png
from benchruns.pictures.sheet import MARGIN, sheet
from benchruns.pictures.table import as_csv

Form = Literal["svg", "png", "csv"]
TYPES: Final[dict[Form, str]] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
}
_UNSAFE = re.compile(r"[^a-z0-9.]+")


def answered(picture: Picture, form: str, *, name: str, foot: str) -> HttpResponse:
    """`name`: what the file is called, without its ending; `foot`: where it is from, for the sheet.

    Raises:
        Http404: there are no pictures in this form; the sentence says in which there are.
    """
    known: dict[str, Form] = {each: each for each in get_args(Form)}
    if form not in known:
        raise Http404(f"There is no picture as {form!r}; there is {', '.join(known)}.")
    return saved(_body(picture, known[form], foot), known[form], name)


def _body(picture: Picture, form: Form, foot: str) -> str | bytes:
    if form == "csv":
        return as_csv(heads(picture.plot), cells(picture.plot))
    svg = sheet(picture, foot)
    if form == "svg":
        return svg
    return png(svg, round((picture.plot.width + 2 * MARGIN) * SHARP))


def saved(body: str | bytes, form: Form, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{file_name(name)}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def file_name(words: str) -> str:
    """Letters, digits, dots and hyphens: what every system keeps in files."""
    return _UNSAFE.sub("-", words.lower()).strip("-.")[:80] or "picture"

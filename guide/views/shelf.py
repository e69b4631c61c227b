"""`/models/` and `/devices/`: what the catalogue knows, with sources; no JavaScript needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guide.presentation.shelf import SHELVES
from guide.presentation.shelf_shape import ShelfError, asked

TITLES = {"models": "Models", "devices": "Devices"}
LEDES = {
    "models": "Shapes from each model’s own config file. Memory and speed of every estimate follow "
    "from them. A model that is not here is read from its config.json or GGUF file.",
    "devices": "Memory, bandwidth and dense arithmetic, as their makers state them. A device that "
    "is not here is described by its bandwidth and memory.",
}


@require_safe
def shelf(request: HttpRequest, what: str) -> HttpResponse:
    """Query: `q` (words of a name), `kind`, `size` and `all=1` (every group open)."""
    try:
        found = SHELVES[what](asked(request.GET))
    except ShelfError as error:
        wrong = {"reason": str(error), "back": f"/{what}/"}
        return render(request, "400.html", wrong, status=400)
    told = {"what": what, "title": TITLES[what], "lede": LEDES[what], "shelf": found}
    return render(request, "guide/shelf.html", told)

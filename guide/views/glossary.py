"""`/glossary/`: every technical word of the site, explained once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender import glossary


@require_safe
def glossary_page(request: HttpRequest) -> HttpResponse:
    found = glossary.load()
    groups = [(id_, title, found.of_group(id_)) for id_, title in found.groups.items()]
    told = {"groups": groups, "quants": found.quants, "number": len(found.terms)}
    return render(request, "guide/glossary.html", told)

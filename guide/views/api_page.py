"""`/api/`: the OpenAPI document, readable."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchruns.models import Scope
from guide.api.edge import READS_A_MINUTE, WRITES_A_MINUTE
from guide.api.openapi import document
from guide.presentation.api_page import groups, shapes


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    described = document(site)
    context = {
        "site": site,
        "groups": groups(described),
        "shapes": shapes(described),
        "scopes": Scope.choices,
        "reads": READS_A_MINUTE,
        "writes": WRITES_A_MINUTE,
    }
    return render(request, "guide/api.html", context)

"""`/teams/<slug>/audit/`: who did what, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchruns.audit import said
from benchruns.models import AuditEntry, Role, Team
from benchruns.permits import Act
from benchruns.team_pages.edge import of_team

A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    entry: AuditEntry
    words: str
    detail: str


@require_safe
@of_team(Act.MANAGE)
def team_audit(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """Query: `page`, from 1."""
    del role
    pages = Paginator(AuditEntry.objects.filter(team=team), A_PAGE)
    try:
        page = pages.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(f"page: there are the pages 1 to {pages.num_pages}.") from error
    context = {"team": team, "page": page, "lines": list(_lines(page.object_list))}
    return render(request, "benchruns/teams/audit.html", context)


def _lines(entries: Iterable[AuditEntry]) -> Iterable[Line]:
    for entry in entries:
        detail = ", ".join(f"{name} {value}" for name, value in sorted(entry.detail.items()))
        yield Line(entry, said(entry.verb), detail)

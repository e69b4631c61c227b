"""The board of hosts on its own, and the stream of what changes on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from benchruns.live.of_hosts import scene_for, state_of
from benchruns.live.ticket import Ticket


def board_context(request: HttpRequest) -> dict[str, Any]:
    """For every template that shows `_hosts_board.html`."""
    board = scene_for(request).board()
    return {"board": board, "board_state": state_of(board)}


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "benchruns/_hosts_board.html", board_context(request))


@require_safe
@never_cache
def events(request: HttpRequest) -> HttpResponse:
    """Server-sent events; `?state=` says which hosts the page shows."""
    return Ticket(scene_for(request), request.GET.get("state", "")).response()

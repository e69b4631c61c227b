"""What a team's admins do on a host's page. For everybody else there is no such host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from benchruns import enrolment, host_life, host_tokens
from benchruns.models import Host
from benchruns.models.teams import Person
from benchruns.permits import Act, person, require

Action = Callable[[Host, Person], None]

TAKEN: Final = "Another host of this team has that name; choose a different one."


def _host(request: HttpRequest, host_id: int) -> Host:
    host = get_object_or_404(Host.objects.attached().select_related("team"), pk=host_id)
    require(request, host.team, Act.ATTACH)
    return host


def _see(host: Host) -> HttpResponse:
    response = redirect(host)
    response.status_code = 303
    return response


def _view(act: Action, done: str) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, host_id: int) -> HttpResponse:
        host = _host(request, host_id)
        act(host, person(request))
        messages.success(request, done.format(name=host.name))
        return _see(host)

    return view


@require_POST
def rename(request: HttpRequest, host_id: int) -> HttpResponse:
    host, name = _host(request, host_id), request.POST.get("name", "")
    if not name.strip():
        return _refused(request, "A host needs a name of 1 to 80 characters.", 400)
    try:
        host_life.rename(host, name, person(request))
    except host_life.NameTaken:
        return _refused(request, TAKEN, 409)
    return _see(host)


def _refused(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    context = {"title": "The host was not renamed", "reason": reason}
    return render(request, "benchruns/refused.html", context, status=status)


pause = _view(host_life.pause, "{name} is paused: it finishes what it has and is given no more.")
resume = _view(host_life.resume, "{name} takes work again.")
rotate = _view(
    host_tokens.ask_to_rotate,
    "{name} is asked to take a new token; the old one ends when it first uses the new one.",
)
detach = _view(host_life.detach, "{name} leaves; what it measured stays.")
revoke = _view(enrolment.revoke, "The token of {name} is revoked; what it measured stays.")

"""`/results/upload/`: a result document as a file, by the machine's token or a team's member."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from benchruns.host_tokens import host_of
from benchruns.models import Host, Run, Team
from benchruns.offline import upload_from
from benchruns.permits import Act, person, teams_where
from benchruns.uploads import UploadRefused, upload_file

UNKNOWN: Final = "This token is of no machine that is attached here."
CHOOSE: Final = "Choose the file that rigguide bench --json wrote."
NO_MACHINE: Final = "Choose one of your teams' machines, or a team and a name for a new one."
NEW: Final = "new:"
"""Before a team's slug: a machine of that team that is not known yet."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def upload_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "benchruns/upload.html", _choices(request))
    file = request.FILES.get("document")
    text = file.read() if file is not None and isinstance(file.size, int) else None
    try:
        runs = _brought(request, text)
    except _Refused as refused:
        return _answer(request, str(refused), refused.status)
    except UploadRefused as error:
        return _answer(request, str(error), 422)
    return _see(runs)


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _brought(request: HttpRequest, text: bytes | None) -> list[Run]:
    """Raises _Refused and UploadRefused. Who may not is told that before what is wrong."""
    machine, token = request.POST.get("machine", ""), request.POST.get("token", "").strip()
    if machine and not token:
        return _by_member(request, machine, text)
    host = host_of(token)
    if host is None:
        raise _Refused(403, UNKNOWN)
    return upload_file(host, _given(text))


def _by_member(request: HttpRequest, machine: str, text: bytes | None) -> list[Run]:
    who = person(request)
    if machine.startswith(NEW):
        slug = machine.removeprefix(NEW)
        team = next((t for t in teams_where(who, Act.ATTACH) if t.slug == slug), None)
        if team is None:
            raise _Refused(403, NO_MACHINE)
        return upload_from(team, request.POST.get("name", ""), _given(text), who)
    host = next((h for h in _machines(request) if str(h.pk) == machine), None)
    if host is None:
        raise _Refused(403, NO_MACHINE)
    return upload_file(host, _given(text), who)


def _given(text: bytes | None) -> bytes:
    if text is None:
        raise _Refused(400, CHOOSE)
    return text


def _machines(request: HttpRequest) -> list[Host]:
    """Those of teams in which they may measure."""
    teams = teams_where(person(request), Act.RUN)
    hosts = Host.objects.attached().filter(team__in=teams).select_related("team")
    return list(hosts.order_by("team__name", "name"))


def _teams(request: HttpRequest) -> list[Team]:
    return teams_where(person(request), Act.ATTACH)


def _choices(request: HttpRequest) -> dict[str, Any]:
    posted = request.POST if request.method == "POST" else {}
    return {
        "machines": _machines(request),
        "teams": _teams(request),
        "new": NEW,
        "chosen": posted.get("machine", ""),
        "name": posted.get("name", ""),
    }


def _see(runs: list[Run]) -> HttpResponse:
    ids = ",".join(str(run.pk) for run in runs)
    address = (
        runs[0].get_absolute_url() if len(runs) == 1 else f"{reverse('compare')}?results={ids}"
    )
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _answer(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    context = _choices(request) | {"error": reason}
    return render(request, "benchruns/upload.html", context, status=status)

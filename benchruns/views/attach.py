"""`/hosts/attach/`: one command for another machine, and how it arrives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benchruns import audit
from benchruns.arrivals import arrival
from benchruns.attaching import files, script
from benchruns.attaching.wheel import found
from benchruns.credentials import hashed
from benchruns.enrolment import CODE_LIVES, make_code
from benchruns.models import EnrolmentCode, Team
from benchruns.permits import Act, person, require, teams_where
from benchruns.teams.current import current_first
from benchruns.views.hosts import LOOPBACK
from benchruns.views.package import site_address


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def attach(request: HttpRequest) -> HttpResponse:
    return _make(request) if request.method == "POST" else _ask(request)


def _ask(request: HttpRequest) -> HttpResponse:
    teams = current_first(request, teams_where(person(request), Act.ATTACH))
    context = {
        "teams": teams,
        "embedded": any(team.is_embedded for team in teams),
        "minutes": int(CODE_LIVES.total_seconds() // 60),
    }
    return render(request, "benchruns/attach.html", context | _package(request))


def _make(request: HttpRequest) -> HttpResponse:
    """The code is in this answer and nowhere else."""
    team = get_object_or_404(Team.objects.standing(), slug=request.POST.get("team", ""))
    require(request, team, Act.ATTACH)
    visitors = team.is_embedded and bool(request.POST.get("visitors"))
    maker = request.user if request.user.is_authenticated else None
    secret = make_code(team, accepts_visitors=visitors, made_by=maker)
    audit.record(person(request), team, "code.made", visitors=visitors)
    code = EnrolmentCode.objects.get(code_hash=hashed(secret))
    context = {"commands": script.commands(site_address(request), secret)}
    return render(request, "benchruns/attach_wait.html", context | _waiting(request, code))


@require_safe
@never_cache
def attach_wait(request: HttpRequest, code_id: int) -> HttpResponse:
    context = _waiting(request, _code(request, code_id))
    return render(request, "benchruns/attach_wait.html", context)


@require_safe
@never_cache
def attach_progress(request: HttpRequest, code_id: int) -> HttpResponse:
    context = {"arrival": arrival(_code(request, code_id))}
    return render(request, "benchruns/_arrival.html", context)


@require_POST
def attach_withdraw(request: HttpRequest, code_id: int) -> HttpResponse:
    code = _code(request, code_id)
    unused = EnrolmentCode.objects.filter(pk=code.pk, used_at=None)
    if unused.filter(expires_at__gt=timezone.now()).update(expires_at=timezone.now()):
        audit.record(person(request), code.team, "code.withdrawn")
    response = redirect("attach-wait", code_id=code.pk)
    response.status_code = 303
    return response


def _code(request: HttpRequest, code_id: int) -> EnrolmentCode:
    """One of another team and one that is not there look alike."""
    code = EnrolmentCode.objects.select_related("team", "host").filter(pk=code_id).first()
    if code is None:
        raise Http404
    require(request, code.team, Act.ATTACH)
    return code


def _waiting(request: HttpRequest, code: EnrolmentCode) -> dict[str, Any]:
    return {"arrival": arrival(code), **_package(request)}


def _package(request: HttpRequest) -> dict[str, Any]:
    return {
        "site": site_address(request),
        "package": found(settings.DATA_DIR),
        "script": f"{site_address(request)}{script.PATH}",
        "offered": files.OFFERED,
        "only_here": request.get_host().rpartition(":")[0] in LOOPBACK,
    }

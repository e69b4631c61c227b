"""The button that has an engine installed on a host."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from benchruns.installs import request_install
from benchruns.permits import person
from benchruns.services import RunRefused, visible_hosts
from benchruns.visitors import address_key


@require_POST
def install(request: HttpRequest, host_id: int) -> HttpResponse:
    asker = person(request)
    host = get_object_or_404(visible_hosts(asker), pk=host_id)
    engine, provider = request.POST.get("engine", ""), request.POST.get("provider", "")
    try:
        run = request_install(host, engine, provider, person=asker, requester=address_key(request))
    except RunRefused as refused:
        context = {"title": "Nothing was installed", "reason": refused.reason}
        return render(request, "benchruns/refused.html", context, status=refused.status)
    response = redirect(run)
    response.status_code = 303
    return response

"""What every page of a team begins with: who asks, which team, and whether they may."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from benchruns.models import Team
from benchruns.permits import Act, person, require
from benchruns.team_pages.page import TEMPLATE, shown
from benchruns.teams.refused import TeamRefused

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Whoever is not is asked to sign in first, whether or not there is anything at the address."""

    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, **path: Any) -> HttpResponse:
        if not person(request).is_authenticated:
            back = request.get_full_path() if request.method == "GET" else "/teams/"
            return redirect_to_login(back)
        return view(request, **path)

    return asked


def of_team(act: Act) -> Callable[[View], View]:
    """The view is given the team of its address and the asker's role there, or nobody is told."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def asked(request: HttpRequest, *, slug: str, **path: Any) -> HttpResponse:
            team = Team.objects.standing().filter(slug=slug).select_related("offered_to").first()
            if team is None:
                raise Http404
            role = require(request, team, act)
            try:
                return view(request, team=team, role=role, **path)
            except TeamRefused as refused:
                # With what was typed: nothing is lost.
                context = shown(request, team, role, error=refused.reason, given=request.POST)
                return render(request, TEMPLATE, context, status=400)

        return asked

    return decorate


def user_of(request: HttpRequest) -> User:
    """Who is signed in; only in views that `signed_in` or `of_team` guards."""
    return cast("User", request.user)


def see(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response

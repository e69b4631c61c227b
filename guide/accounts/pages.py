"""`/account/`: what an account is for, and what belongs to the one signed in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from benchruns.models import Membership, Role, Run, Team
from benchruns.permits import person
from benchruns.team_pages.edge import see, signed_in, user_of


@require_safe
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """To visitors it says what an account is for; nobody needs one to use the guide."""
    if not person(request).is_authenticated:
        return render(request, "account/welcome.html", {"signup": settings.SIGNUP})
    return render(request, "account/index.html", _mine(request))


def _mine(request: HttpRequest, **more: str) -> dict[str, object]:
    user = user_of(request)
    memberships = Membership.objects.filter(user=user, team__deleted_at=None)
    return {
        "memberships": memberships.select_related("team"),
        "addresses": EmailAddress.objects.filter(user=user),
        "second_factor": is_mfa_enabled(user),
        "mail_is_sent": settings.EMAIL_IS_SENT,
        **more,
    }


@require_POST
@signed_in
def account_delete(request: HttpRequest) -> HttpResponse:
    """Form fields `typed`: the user name; `password`. What was measured stays with the teams."""
    name = user_of(request).get_username()
    if why := _not_meant(request) or _delete(request):
        return render(request, "account/index.html", _mine(request, error=why), status=400)
    messages.success(request, f"The account {name} is deleted.")
    return see("/")


def _not_meant(request: HttpRequest) -> str:
    user, given = user_of(request), request.POST
    if given.get("typed", "").strip() != user.get_username():
        return f"Type your user name, {user.get_username()}, exactly as it stands here."
    if user.has_usable_password() and not user.check_password(given.get("password", "")):
        return "This is not your password."
    return ""


@transaction.atomic
def _delete(request: HttpRequest) -> str:
    """Why not; "" when it is done."""
    user = user_of(request)
    if why := _leaves_nobody_in_charge(user):
        return why
    # Runs stay, and without this would pass to whoever asks from the same address.
    Run.objects.filter(asked_by=user).update(requester="")
    logout(request)
    user.delete()
    return ""


def _leaves_nobody_in_charge(user: User) -> str:
    # The rows of the teams are the locks: of two owners who go at once the second is asked to
    # stay. In the order of their keys, so that no two wait for each other.
    teams = Team.objects.filter(pk__in=Membership.objects.filter(user=user).values("team"))
    list(teams.select_for_update().order_by("pk"))
    for membership in Membership.objects.filter(
        user=user, role=Role.OWNER, team__deleted_at=None
    ).select_related("team"):
        owners = membership.team.memberships.filter(role=Role.OWNER).exclude(user=user)
        if not owners.exists():
            return f"You are the only owner of {membership.team}: hand it on, or delete it, first."
    return ""

"""Inviting, and what whoever opens such a link sees."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from benchruns.models import Invitation, Role, Team
from benchruns.permits import Act, person
from benchruns.team_pages.edge import of_team, see, user_of
from benchruns.team_pages.page import TEMPLATE, shown
from benchruns.teams import invitations
from benchruns.teams.current import switch
from benchruns.teams.members import given_role
from benchruns.teams.refused import TeamRefused

SESSION_KEY: Final = "invitation"
"""Under it waits the token while somebody makes an account for it."""

MAIL: Final = """{by} invites you to the team {team} on RigGuide, as {role}.

{link}

The link works once, until {until:%Y-%m-%d %H:%M} UTC.
"""


@require_POST
@of_team(Act.MANAGE)
def team_invite(request: HttpRequest, *, team: Team, role: Role) -> HttpResponse:
    """Form fields `role`, and `email` if only that address may use it. Shows the link once."""
    given = request.POST
    wanted = given_role(given.get("role", ""))
    made, token = invitations.invite(user_of(request), team, wanted, given.get("email", ""))
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    sent = bool(made.email) and settings.EMAIL_IS_SENT and _send(request, made, link)
    context = shown(request, team, role, link=link, made=made, sent=sent)
    return render(request, TEMPLATE, context, status=201)


def _send(request: HttpRequest, made: Invitation, link: str) -> bool:
    """False where the mail did not go: the link is there all the same, to be handed over."""
    text = MAIL.format(
        by=user_of(request).get_username(),
        team=made.team.name,
        role=made.get_role_display(),
        link=link,
        until=made.expires_at,
    )
    try:
        send_mail(f"Invitation to {made.team.name}", text, None, [made.email])
    except OSError as error:  # SMTP's own errors are among them
        messages.warning(request, f"The mail could not be sent: {error}")
        return False
    return True


@require_POST
@of_team(Act.MANAGE)
def invitation_withdraw(
    request: HttpRequest, *, team: Team, role: Role, invitation_id: int
) -> HttpResponse:
    del role
    found = get_object_or_404(Invitation.objects.filter(team=team), pk=invitation_id)
    invitations.withdraw(user_of(request), found)
    return see(team.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, for programs that preview links look too; POST accepts."""
    found = invitations.find(token)
    if found is None:
        raise Http404("This invitation is unknown, was used already, or is too old.")
    if request.method == "POST":
        return _accept(request, found, token)
    return render(request, "benchruns/teams/invitation.html", {"invitation": found})


def _accept(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    """Whoever is not signed in makes an account first, or signs in; the invitation waits."""
    if not person(request).is_authenticated:
        request.session[SESSION_KEY] = token
        wanted = "account_login" if "sign-in" in request.POST else "account_signup"
        return see(f"{reverse(wanted)}?next={reverse('invitation', args=[token])}")
    try:
        member = invitations.accept(user_of(request), found)
    except TeamRefused as refused:
        context = {"invitation": found, "error": refused.reason}
        return render(request, "benchruns/teams/invitation.html", context, status=400)
    request.session.pop(SESSION_KEY, None)
    switch(request, member.team)
    return see(member.team.get_absolute_url())


def waiting(request: HttpRequest) -> Invitation | None:
    """The invitation that somebody makes an account for; None where there is none that is good."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    token = request.session.get(SESSION_KEY, "")
    return invitations.find(token) if token else None

"""What this site wants of django-allauth that is no setting of it."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from benchruns.models import Invitation, Role
from benchruns.team_pages.invitations import waiting


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is open, by invitation, or closed to all but the first owner (SIGNUP)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGNUP == "open":
            return True
        invitation = waiting(request)
        if invitation is None:
            return False
        return settings.SIGNUP == "invited" or _is_setup(invitation)

    def get_client_ip(self, request: HttpRequest) -> str:
        """What the server says it is: proxies it believes are named to it, not guessed here."""
        return str(request.META.get("REMOTE_ADDR", ""))


def _is_setup(invitation: Invitation) -> bool:
    """Made by the site itself for whoever runs it."""
    return invitation.made_by is None and invitation.role == Role.OWNER

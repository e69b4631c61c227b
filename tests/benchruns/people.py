"""People and their teams, for stories about who may do what."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from benchruns.models import Membership, Role, Team


def person(name: str, **columns: object) -> User:
    """Without a password: hashing one takes a tenth of a second, and `browser` needs none."""
    return User.objects.create(username=name, **columns)


def team(name: str = "Acme") -> Team:
    return Team.objects.create(name=name, slug=name.lower().replace(" ", "-"))


def member(of: Team, role: Role | str, name: str = "") -> User:
    user = person(name or f"{role}-of-{of.slug}")
    join(user, of, role)
    return user


def join(user: User, of: Team, role: Role | str) -> Membership:
    return Membership.objects.create(user=user, team=of, role=role)


def browser(user: User | None = None) -> Client:
    """Of somebody signed in, or of a visitor."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client

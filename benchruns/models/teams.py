"""Who owns hosts and runs, and who of them may do what."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.urls import reverse
from django.utils import timezone

EMBEDDED_SLUG = "this-site"
Person = User | AnonymousUser
NOBODY: Final = AnonymousUser()
"""Whoever is not signed in."""


class Role(models.TextChoices):
    """What a member is in one team. `benchruns/permits.py` says what each may do."""

    OWNER = "owner", "owner"
    ADMIN = "admin", "admin"
    MEMBER = "member", "member"
    VIEWER = "viewer", "viewer"


class Visibility(models.TextChoices):
    """Of a result; of a run while it has none; the default of a host and of a team."""

    PRIVATE = "private", "whoever asked for it, and the team's admins"
    TEAM = "team", "the team"
    PUBLIC = "public", "everybody"


class TeamQuerySet(models.QuerySet["Team"]):
    def standing(self) -> TeamQuerySet:
        return self.filter(deleted_at=None)


class Team(models.Model):
    """The embedded team owns this machine; accounts and further teams join the same table.

    A deleted team keeps its row: what it measured and shared publicly stays as history.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Who sees what its hosts measure, where neither run nor host says.
    default_visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.TEAM
    )
    # To whom an owner has offered the team; it is theirs once they accept.
    offered_to = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="teams_offered"
    )

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("team", args=[self.slug])

    @property
    def is_embedded(self) -> bool:
        return self.slug == EMBEDDED_SLUG

    @classmethod
    def embedded(cls) -> Team:
        as_made = {"name": "This site", "default_visibility": Visibility.PUBLIC}
        team, _ = cls.objects.get_or_create(slug=EMBEDDED_SLUG, defaults=as_made)
        return team


class Membership(models.Model):
    """One person in one team, with one role there."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="member_once_per_team")
        ]
        ordering = ["joined_at", "id"]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.team}"


def teams_of(person: Person) -> TeamQuerySet:
    """The teams somebody is a member of; no query for who is not signed in."""
    if not person.is_authenticated:
        return Team.objects.none()
    return Team.objects.standing().filter(memberships__user=person)

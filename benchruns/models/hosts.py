"""Attached machines and the one-time codes that attach them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from benchruns.host.document import HostFacts
from benchruns.machines import in_words
from benchruns.models.teams import EMBEDDED_SLUG, Person, Team, Visibility, teams_of

LIVE_FOR: Final = timedelta(seconds=60)
"""A host asks for work at least every 25 s and sends heartbeats while it works."""


class HostQuerySet(models.QuerySet["Host"]):
    def attached(self) -> HostQuerySet:
        return self.filter(revoked_at=None)

    def live(self, now: datetime) -> HostQuerySet:
        return self.attached().filter(last_seen_at__gte=now - LIVE_FOR)

    def open_to_visitors(self) -> HostQuerySet:
        """Attached, of the site's own team, and taking visitors' runs."""
        return self.attached().filter(team__slug=EMBEDDED_SLUG, accepts_visitors=True)

    def visible_to(self, person: Person) -> HostQuerySet:
        """Those open to visitors; to members also what their teams have or once had."""
        if not person.is_authenticated:
            return self.open_to_visitors()
        public = Q(team__slug=EMBEDDED_SLUG, accepts_visitors=True, revoked_at=None)
        return self.filter(public | Q(team__in=teams_of(person)))


class Host(models.Model):
    """A machine with a credential of its own. Revoking it keeps its history."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    local = models.BooleanField(default=False)  # the machine the site itself runs on
    facts = models.JSONField(default=dict)  # benchruns.host.document.HostFacts
    engines = models.JSONField(default=list)  # [{id, provider, version, detail}]
    measures = models.JSONField(default=list)  # engine ids it last asked for work with
    installs = models.JSONField(default=list)  # benchruns.host.order.Installable, as last told
    protocol = models.PositiveSmallIntegerField(default=2)  # as of its last claim, heard or not
    version = models.CharField(max_length=40, blank=True)  # of RigGuide there, as of that claim
    accepts = models.JSONField(default=dict)  # benchruns.host.accepts.Accepts: its owner's limits
    slots = models.PositiveSmallIntegerField(default=1)  # how many runs at a time
    accepts_visitors = models.BooleanField(default=False)
    # Of what it measures, where a run does not say; empty: as its team has it.
    default_visibility = models.CharField(
        max_length=8, choices=Visibility.choices, blank=True, default=""
    )
    paused = models.BooleanField(default=False)
    attached_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    probed_at = models.DateTimeField(null=True, blank=True)  # when it last told what it is
    first_claim_at = models.DateTimeField(null=True, blank=True)
    # A new token on its way: the old one ends when the machine first uses the new one.
    rotate_asked_at = models.DateTimeField(null=True, blank=True)
    next_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    vitals = models.JSONField(default=dict)  # benchruns.host.schema.vitals.Vitals, as last told
    vitals_at = models.DateTimeField(null=True, blank=True)
    leaving_at = models.DateTimeField(null=True, blank=True)  # may finish what it has, no more
    offline = models.BooleanField(default=False)  # never attached: its results come as files
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = HostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="host_name_once_per_team")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("host", args=[self.pk])

    @property
    def live(self) -> bool:
        seen = self.last_seen_at
        return self.revoked_at is None and seen is not None and seen >= timezone.now() - LIVE_FOR

    @property
    def machine(self) -> HostFacts:
        return HostFacts.model_validate(self.facts)

    @property
    def summary(self) -> str:
        return in_words(self.machine)

    @property
    def installed(self) -> dict[str, dict[str, Any]]:
        """What this machine can start, by engine id."""
        return {engine["id"]: engine for engine in self.engines if engine["provider"]}


class EnrolmentCode(models.Model):
    """Shown once, used once, for a short while. Only its hash is kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, unique=True)
    local = models.BooleanField(default=False)
    accepts_visitors = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return f"code for {self.team} until {self.expires_at:%Y-%m-%d %H:%M}"

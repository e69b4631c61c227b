"""Tokens with which a person's programs speak to the API."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Scope(models.TextChoices):
    """What a token may be used for; never more than its person may do."""

    READ = "read", "see what you see: hosts, runs and results of your teams"
    RUN = "run", "ask for measurements, cancel them, say who sees them"
    UPLOAD = "upload", "upload what your teams’ hosts measured"
    HOSTS = "admin:hosts", "rename, pause and revoke hosts of teams you administer"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def good(self, now: datetime) -> ApiTokenQuerySet:
        """Neither revoked nor too old, of a person who may still sign in."""
        fresh = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(fresh, revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """Shown once; only its hash is kept, and its start so that its person knows which it is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)  # of Scope
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)  # null: when it is revoked
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def is_good(self) -> bool:
        """As `good`, of a row at hand."""
        old = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not old

"""What somebody shared: written once and never changed; whether its link still leads to it."""

from __future__ import annotations

import secrets
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from recommender.recommendation import Recommendation
from recommender.render import as_markdown, restore, snapshot

PROMISE = "a shared recommendation is never changed; share a new one"


class SharedIsImmutable(RuntimeError):
    """Somebody tried to change what a link promised to keep."""


def new_slug() -> str:
    """128 bits: nobody finds a link by trying."""
    return secrets.token_urlsafe(16)


class SharedQuerySet(models.QuerySet["SharedRecommendation"]):
    def update(self, **_changes: Any) -> NoReturn:
        """Also what `bulk_update` and `update_or_create` would come to."""
        raise SharedIsImmutable(PROMISE)

    def readable(self) -> SharedQuerySet:
        """Whose link was neither revoked nor has expired; with the control, where there is one."""
        unlimited = models.Q(control__expires_at=None)
        later = models.Q(control__expires_at__gt=timezone.now())
        found = self.filter(unlimited | later, control__revoked_at=None)
        return found.select_related("control")


class SharedRecommendation(models.Model):
    slug = models.CharField(max_length=32, unique=True, default=new_slug, editable=False)
    answers = models.JSONField(help_text="pairs of answer id and value, in order")
    snapshot = models.JSONField(help_text="the whole recommendation as it was")
    markdown = models.TextField(default="", help_text="the document as it read when it was shared")
    rulebook_version = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise SharedIsImmutable(PROMISE)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("shared", args=[self.slug])

    @classmethod
    def of(cls, rec: Recommendation) -> SharedRecommendation:
        return cls.objects.create(
            answers=[list(pair) for pair in rec.answers],
            snapshot=snapshot(rec),
            markdown=as_markdown(rec),
            rulebook_version=rec.rulebook_version,
        )

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, value) for name, value in self.answers)

    def recommendation(self) -> Recommendation:
        """As it was when it was shared, whatever the rules say today.

        Raises:
            SnapshotError: it was kept in a form that can no longer be read.
        """
        return restore(self.snapshot)


class LinkControl(models.Model):
    """Beside what was shared, which never changes: whose the link is and how long it holds."""

    shared = models.OneToOneField(
        SharedRecommendation, on_delete=models.CASCADE, related_name="control"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="shared_links",
    )
    key_hash = models.CharField(
        max_length=64, default="", blank=True, help_text="of the key that its maker was shown once"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"control of {self.shared_id}"

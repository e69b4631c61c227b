"""Who owns hosts and runs."""

from __future__ import annotations

from django.db import models

EMBEDDED_SLUG = "this-site"


class Team(models.Model):
    """The embedded team owns this machine; accounts and further teams join the same table."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def embedded(cls) -> Team:
        team, _ = cls.objects.get_or_create(slug=EMBEDDED_SLUG, defaults={"name": "This site"})
        return team

"""Celery inside the site: leases, wake-ups, upkeep. Hosts never see this broker."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guide.settings")

app = Celery("rigguide")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["benchruns"])

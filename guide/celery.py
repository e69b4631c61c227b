"""Celery inside the site: leases, wake-ups, upkeep. Hosts never see this broker."""

from __future__ import annotations

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guide.settings")

app = Celery("rigguide")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["benchruns"])


@setup_logging.connect
def log_as_the_site_does(**_: Any) -> None:
    """Connected, it keeps Celery from setting up a logging of its own."""
    from django.conf import settings

    dictConfig(settings.LOGGING)

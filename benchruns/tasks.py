"""What the site's own Celery worker does."""

from __future__ import annotations

from celery import shared_task

from benchruns import claims


@shared_task(ignore_result=True)
def expire_leases() -> None:
    claims.expire_leases()

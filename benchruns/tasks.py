"""What the site's own Celery worker does."""

from __future__ import annotations

from celery import shared_task

from benchruns import claims, schedules, trust


@shared_task(ignore_result=True)
def expire_leases() -> None:
    claims.expire_leases()


@shared_task(ignore_result=True)
def settle_evidence() -> None:
    """What a crash between storing a result and settling its work left open."""
    trust.settle_all()


@shared_task(ignore_result=True)
def start_due_schedules() -> None:
    schedules.start_due()

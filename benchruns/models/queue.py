"""What the queue remembers between two claims, and runs that come by the clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from benchruns.models.hosts import Host
from benchruns.models.teams import Team
from benchruns.timetable import WEEKDAYS, Every, next_after

_WEEKDAYS: Final = tuple(enumerate(WEEKDAYS))


class MachineTime(models.Model):
    """Seconds of one host that each flow was given (benchruns.queueing.fair.Shares).

    Brought up to date when the host claims: runs that ended since `settled_at` are counted then.
    """

    host = models.OneToOneField(Host, on_delete=models.CASCADE, related_name="machine_time")
    used_s = models.JSONField(default=dict)  # {flow: seconds}; who is not in it is at the floor
    floor_s = models.FloatField(default=0.0)
    settled_at = models.DateTimeField()
    version = models.PositiveBigIntegerField(default=0)  # of two that settle at once, one does

    def __str__(self) -> str:
        return f"time of {self.host} until {self.settled_at:%Y-%m-%d %H:%M:%S}"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due(self, now: datetime) -> ScheduleQuerySet:
        return self.filter(paused=False, next_at__lte=now, team__deleted_at=None)


class Schedule(models.Model):
    """A measurement that a team wants again and again: by the clock, on a new engine, or both."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="schedules")
    # Null: any host of the team that can; the one that answers and has least to do.
    host = models.ForeignKey(
        Host, null=True, blank=True, on_delete=models.CASCADE, related_name="schedules"
    )
    engine = models.CharField(max_length=120)
    model = models.CharField(max_length=120)
    quant = models.CharField(max_length=120)
    preset = models.CharField(max_length=20)  # benchruns.host.presets
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(choices=_WEEKDAYS, default=0)  # 0 is Monday
    at = models.TimeField(default=time(3))  # UTC
    on_new_version = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True, blank=True)  # null: not by the clock
    last_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True)  # why the last time gave no run
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(paused=False), name="schedule_due"),
        ]
        ordering = ["team", "id"]

    def __str__(self) -> str:
        return f"{self.engine} with {self.model} {self.quant}, {self.when}"

    def get_absolute_url(self) -> str:
        return f"{reverse('schedules')}#schedule-{self.pk}"

    @property
    def when(self) -> str:
        """`every Monday at 03:00 UTC, and on a new version of the engine`."""
        clock = {
            Every.DAY: f"every day at {self.at:%H:%M} UTC",
            Every.WEEK: f"every {WEEKDAYS[self.weekday]} at {self.at:%H:%M} UTC",
            Every.NEVER: "",
        }[Every(self.every)]
        version = "on a new version of the engine" if self.on_new_version else ""
        return ", and ".join(filter(None, (clock, version))) or "never"

    def after(self, now: datetime) -> datetime | None:
        """When it is due next, strictly after `now`."""
        return next_after(now, Every(self.every), self.weekday, self.at)

"""Runs: what was asked, who has it, how far it is, how it ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from benchruns.host.order import INSTALL, InstallOrder
from benchruns.host.plan import Plan
from benchruns.models.hosts import Host
from benchruns.models.queue import Schedule
from benchruns.models.teams import Person, Team, Visibility
from benchruns.models.visibility import runs_for
from benchruns.states import HELD, TERMINAL, State

MAX_EVENTS: Final = 200
LOG_CHARACTERS: Final = 64_000


def most_attempts() -> int:
    return int(settings.RUN_MAX_ATTEMPTS)


class Kind(models.TextChoices):
    MEASURE = "measure", "measurement"
    INSTALL = INSTALL, "installation"


class Priority(models.IntegerChoices):
    """Before what else of the same team a run goes; between teams time decides (fair.py).

    Schedules go before visitors: they are few and bounded by the clock, visitors are neither.
    """

    VISITOR = 0, "visitor"
    SCHEDULED = 10, "schedule"
    MEMBER = 20, "member"
    RAISED = 30, "raised by an admin"


def visible(person: Person) -> Q:
    """As `benchruns/models/visibility.py` has it: the same rule as for what was measured.

    Whoever asked for a run without signing in sees it too: `benchruns/seeing.py` knows them.
    """
    return runs_for(person)


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, person: Person) -> RunQuerySet:
        return self.filter(visible(person))


class Run(models.Model):
    """The row is the truth; `attempt` is the fencing token of whoever holds it.

    `attempt` only ever grows. `attempts_left` falls with each claim and is given back on release.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="runs")
    wanted_host = models.ForeignKey(
        Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs_asked_of"
    )
    host = models.ForeignKey(
        Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MEASURE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    plan = models.JSONField()  # benchruns.host.plan.Plan, or an InstallOrder
    engine = models.CharField(max_length=120)
    model = models.CharField(max_length=120)
    quant = models.CharField(max_length=120)
    answers = models.TextField(blank=True)  # query string of the recipe it was asked from
    note = models.TextField(blank=True)  # why something else than the recipe is measured
    by_visitor = models.BooleanField(default=True)
    requester = models.CharField(max_length=64, blank=True)  # keyed hash of an address
    # Who was signed in; null for visitors, schedules and uploads.
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs_asked"
    )
    # Of the run and the result it will have, as it, its host or its team said when it was asked
    # for. Empty only beside a result that says it itself.
    visibility = models.CharField(max_length=8, choices=Visibility.choices, blank=True, default="")

    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.VISITOR)
    turn = models.PositiveIntegerField(default=0)  # how many of the same person waited already
    ready_at = models.DateTimeField(null=True, blank=True)  # not before; null: at once
    expected_s = models.FloatField(null=True, blank=True)  # what like runs took on its host
    schedule = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    occasion = models.CharField(max_length=120, blank=True)  # which time of its schedule

    attempt = models.PositiveIntegerField(default=0)
    attempts_left = models.PositiveSmallIntegerField(default=most_attempts)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)

    requested_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    phase = models.CharField(max_length=12, blank=True)
    message = models.CharField(max_length=300, blank=True)
    point = models.PositiveIntegerField(null=True, blank=True)
    points = models.PositiveIntegerField(null=True, blank=True)
    clients = models.PositiveIntegerField(null=True, blank=True)
    tok_s = models.FloatField(null=True, blank=True)
    fraction = models.FloatField(null=True, blank=True)

    reason = models.TextField(blank=True)  # how it ended, in plain words
    log = models.TextField(blank=True)  # the end of the engine's log

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "team", "requested_at"], name="run_queue"),
            models.Index(fields=["state", "lease_until"], name="run_leases"),
            models.Index(fields=["requester", "requested_at"], name="run_requester"),
            models.Index(
                fields=["team", "-priority", "turn", "requested_at"],
                condition=Q(state=State.QUEUED),
                name="run_waiting",
            ),
            models.Index(
                fields=["wanted_host", "-priority", "turn", "requested_at"],
                condition=Q(state=State.QUEUED),
                name="run_waiting_for_host",
            ),
            models.Index(fields=["host", "-claimed_at"], name="run_of_host"),
            models.Index(fields=["host", "finished_at"], name="run_ended_at_host"),
            # Lists, newest first, each with one of the filters they offer.
            models.Index(fields=["-requested_at", "-id"], name="run_newest"),
            models.Index(fields=["state", "-requested_at", "-id"], name="run_newest_in_state"),
            models.Index(fields=["engine", "-requested_at", "-id"], name="run_newest_of_engine"),
            models.Index(fields=["wanted_host", "-requested_at", "-id"], name="run_newest_at_host"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "occasion"], name="run_once_per_occasion"),
        ]
        ordering = ["requested_at"]

    def __str__(self) -> str:
        if self.kind == Kind.INSTALL:
            return f"installing {self.engine} ({self.state})"
        return f"{self.engine} with {self.model} {self.quant} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])

    @property
    def what(self) -> Plan:
        return Plan.model_validate(self.plan)

    @property
    def order(self) -> InstallOrder:
        return InstallOrder.model_validate(self.plan)

    @property
    def state_words(self) -> str:
        installed = self.kind == Kind.INSTALL and self.state == State.DONE
        return "installed" if installed else str(State(self.state).label)

    @property
    def limit_s(self) -> float:
        return float((self.order if self.kind == Kind.INSTALL else self.what).time_limit_s)

    @property
    def is_held(self) -> bool:
        return self.state in HELD

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def elapsed(self) -> timedelta | None:
        """Since a machine took it, until it ended."""
        if self.claimed_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.claimed_at


class RunEvent(models.Model):
    """Progress as the host told it; at most MAX_EVENTS per run are kept."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField()
    phase = models.CharField(max_length=12)
    message = models.CharField(max_length=300, blank=True)
    point = models.PositiveIntegerField(null=True, blank=True)
    clients = models.PositiveIntegerField(null=True, blank=True)
    tok_s = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.phase} {self.message}"

"""What was measured, once per run."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from benchruns.models.runs import Run
from benchruns.models.teams import Person, teams_of


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, person: Person) -> ResultQuerySet:
        """What is public; to members also what their teams measured."""
        if not person.is_authenticated:
            return self.filter(public=True)
        return self.filter(Q(public=True) | Q(run__team__in=teams_of(person)))


class Result(models.Model):
    """The document as the host sent it; beside it what look-ups need.

    `measurement` repeats the summary so that evidence never reads raw samples. `refused` says why
    a result counts for nothing; it is kept all the same.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="result")
    document = models.JSONField()  # benchruns.host.document.ResultDocument
    measurement = models.JSONField(default=dict)  # recommender.evidence.Measurement
    engine = models.CharField(max_length=120)
    model = models.CharField(max_length=120)
    quant = models.CharField(max_length=120)
    hardware = models.CharField(max_length=20)
    device = models.CharField(max_length=120, blank=True)  # empty: the machine is in no catalogue
    measured_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=timezone.now)
    # Null: the machine sent it for a run of this site. Else it came as a file of its owner's.
    uploaded_at = models.DateTimeField(null=True, blank=True)
    public = models.BooleanField(default=True)
    refused = models.TextField(blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["hardware", "model", "-measured_at"], name="result_evidence"),
        ]
        ordering = ["-measured_at"]

    def __str__(self) -> str:
        return f"{self.engine} with {self.model} {self.quant}, {self.measured_at:%Y-%m-%d}"

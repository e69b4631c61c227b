"""What was measured, once per run."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from benchruns.models.runs import Run
from benchruns.models.teams import Person, Visibility
from benchruns.models.visibility import results_for
from recommender.trust import Tier


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, person: Person) -> ResultQuerySet:
        """What is public; to members also what is their team's, or their own."""
        return self.filter(results_for(person))


class Result(models.Model):
    """The document as the host sent it; beside it what look-ups need.

    `measurement` repeats the summary so that evidence never reads raw samples. `refused` says why
    a result counts for nothing; it is kept all the same. `work` and `fingerprint` come from
    `benchruns/same.py`; `tier`, `backed` and `disputed` are what `benchruns/trust.py` last found.
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
    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    refused = models.TextField(blank=True)
    work = models.CharField(max_length=64, blank=True)  # the same for the same work
    fingerprint = models.CharField(max_length=64, blank=True, db_index=True)  # of raw samples
    tier = models.CharField(max_length=12, default=Tier.UNVERIFIED)
    backed = models.BooleanField(default=False)  # enough for those who do not own the host
    disputed = models.BooleanField(default=False)

    objects = ResultQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["hardware", "model", "-measured_at"], name="result_evidence"),
            models.Index(fields=["work", "-measured_at"], name="result_of_same_work"),
        ]
        ordering = ["-measured_at"]

    def __str__(self) -> str:
        return f"{self.engine} with {self.model} {self.quant}, {self.measured_at:%Y-%m-%d}"

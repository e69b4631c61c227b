"""Turns, priorities and back-off of runs, schedules, and what a host tells of its load."""

import datetime

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

QUEUED = models.Q(("state", "queued"))


class Migration(migrations.Migration):
    dependencies = [
        ("benchruns", "0007_visibility_and_trust"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("host", "vitals", models.JSONField(default=dict)),
        migrations.AddField("host", "vitals_at", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="MachineTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("used_s", models.JSONField(default=dict)),
                ("floor_s", models.FloatField(default=0.0)),
                ("settled_at", models.DateTimeField()),
                ("version", models.PositiveBigIntegerField(default=0)),
                (
                    "host",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="machine_time",
                        to="benchruns.host",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=120)),
                ("model", models.CharField(max_length=120)),
                ("quant", models.CharField(max_length=120)),
                ("preset", models.CharField(max_length=20)),
                (
                    "every",
                    models.CharField(
                        choices=[
                            ("day", "every day"),
                            ("week", "every week"),
                            ("never", "not by the clock"),
                        ],
                        default="week",
                        max_length=8,
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        default=0,
                    ),
                ),
                ("at", models.TimeField(default=datetime.time(3, 0))),
                ("on_new_version", models.BooleanField(default=False)),
                ("paused", models.BooleanField(default=False)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("said", models.TextField(blank=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schedules",
                        to="benchruns.host",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schedules",
                        to="benchruns.team",
                    ),
                ),
            ],
            options={
                "ordering": ["team", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("paused", False)),
                        fields=["next_at"],
                        name="schedule_due",
                    )
                ],
            },
        ),
        migrations.AddField(
            "run",
            "priority",
            models.PositiveSmallIntegerField(
                choices=[
                    (0, "visitor"),
                    (10, "schedule"),
                    (20, "member"),
                    (30, "raised by an admin"),
                ],
                default=0,
            ),
        ),
        migrations.AddField("run", "turn", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "ready_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("run", "expected_s", models.FloatField(blank=True, null=True)),
        migrations.AddField("run", "occasion", models.CharField(blank=True, max_length=120)),
        migrations.AddField(
            "run",
            "schedule",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="benchruns.schedule",
            ),
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                condition=QUEUED,
                fields=["team", "-priority", "turn", "requested_at"],
                name="run_waiting",
            ),
        ),
        migrations.AddIndex(
            "run",
            models.Index(
                condition=QUEUED,
                fields=["wanted_host", "-priority", "turn", "requested_at"],
                name="run_waiting_for_host",
            ),
        ),
        migrations.AddIndex(
            "run", models.Index(fields=["host", "-claimed_at"], name="run_of_host")
        ),
        migrations.AddIndex(
            "run", models.Index(fields=["host", "finished_at"], name="run_ended_at_host")
        ),
        migrations.AddIndex(
            "run",
            models.Index(fields=["state", "-requested_at", "-id"], name="run_newest_in_state"),
        ),
        migrations.AddIndex(
            "run",
            models.Index(fields=["engine", "-requested_at", "-id"], name="run_newest_of_engine"),
        ),
        migrations.AddIndex(
            "run",
            models.Index(fields=["wanted_host", "-requested_at", "-id"], name="run_newest_at_host"),
        ),
        migrations.AddConstraint(
            "run",
            models.UniqueConstraint(fields=("schedule", "occasion"), name="run_once_per_occasion"),
        ),
    ]

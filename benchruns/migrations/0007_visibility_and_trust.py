"""Who sees a result, how far it is borne out, and tokens for programs.

A result that was not public stays with whoever asked for it. What its work and samples are is
worked out again from the row, so that results measured before this release take part.
"""

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from benchruns.same import fingerprint, work

WHO = [
    ("private", "whoever asked for it, and the team's admins"),
    ("team", "the team"),
    ("public", "everybody"),
]


def fill(apps, schema_editor):
    del schema_editor
    results = apps.get_model("benchruns", "Result").objects
    needed = results.only("public", "measurement", "document").order_by("pk")
    for result in needed.iterator(chunk_size=20):
        # Each row once: PostgreSQL checks one that changed twice at the end of the transaction,
        # and until then takes no column away.
        results.filter(pk=result.pk).update(
            visibility="public" if result.public else "private",
            work=work(result.measurement),
            fingerprint=fingerprint(result.document),
        )
    teams = apps.get_model("benchruns", "Team").objects
    teams.filter(slug="this-site").update(default_visibility="public")


def unfill(apps, schema_editor):
    del schema_editor
    results = apps.get_model("benchruns", "Result").objects
    results.exclude(visibility="public").update(public=False)


class Migration(migrations.Migration):
    dependencies = [
        ("benchruns", "0006_host_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "team",
            "default_visibility",
            models.CharField(choices=WHO, default="team", max_length=8),
        ),
        migrations.AddField(
            "host",
            "default_visibility",
            models.CharField(blank=True, choices=WHO, default="", max_length=8),
        ),
        migrations.AddField(
            "run",
            "visibility",
            models.CharField(blank=True, choices=WHO, default="", max_length=8),
        ),
        migrations.AddField(
            "result",
            "visibility",
            models.CharField(choices=WHO, default="public", max_length=8),
        ),
        migrations.AddField("result", "work", models.CharField(blank=True, max_length=64)),
        migrations.AddField(
            "result", "fingerprint", models.CharField(blank=True, db_index=True, max_length=64)
        ),
        migrations.AddField(
            "result", "tier", models.CharField(default="unverified", max_length=12)
        ),
        migrations.AddField("result", "backed", models.BooleanField(default=False)),
        migrations.AddField("result", "disputed", models.BooleanField(default=False)),
        migrations.RunPython(fill, unfill),
        migrations.RemoveField("result", "public"),
        migrations.AddIndex(
            "result", models.Index(fields=["work", "-measured_at"], name="result_of_same_work")
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("start", models.CharField(max_length=12)),
                ("scopes", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(default=timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-made_at"]},
        ),
    ]

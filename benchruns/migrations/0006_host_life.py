"""What a host's page does and shows: limits, versions, a new token, leaving."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("benchruns", "0005_accounts")]

    operations = [
        migrations.AddField("host", "version", models.CharField(blank=True, max_length=40)),
        migrations.AddField("host", "accepts", models.JSONField(default=dict)),
        migrations.AddField("host", "slots", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("host", "probed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("host", "first_claim_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("host", "rotate_asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "host", "next_token_hash", models.CharField(blank=True, db_index=True, max_length=64)
        ),
        migrations.AddField("host", "leaving_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("host", "offline", models.BooleanField(default=False)),
    ]

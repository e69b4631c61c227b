from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("benchruns", "0001_first")]

    operations = [
        migrations.AddField(
            model_name="result",
            name="uploaded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

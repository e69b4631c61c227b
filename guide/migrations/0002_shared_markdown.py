from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guide", "0001_shared_recommendation")]

    operations = [
        migrations.AddField(
            model_name="sharedrecommendation",
            name="markdown",
            field=models.TextField(
                default="", help_text="the document as it read when it was shared"
            ),
        ),
    ]

"""The newest runs, page by page, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("benchruns", "0008_queue_and_schedules")]

    operations = [
        migrations.AddIndex(
            "run", models.Index(fields=["-requested_at", "-id"], name="run_newest")
        ),
    ]

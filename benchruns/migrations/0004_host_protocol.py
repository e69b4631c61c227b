from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("benchruns", "0003_installs"),
    ]

    operations = [
        migrations.AddField(
            model_name="host",
            name="protocol",
            field=models.PositiveSmallIntegerField(default=2),
        ),
    ]

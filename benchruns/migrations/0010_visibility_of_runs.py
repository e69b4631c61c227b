"""Runs without a result say themselves who sees them, as their host or team had it.

Until this release they said nothing, and one of the site's own hosts was public whatever its host
or team said: for good where it failed or installed something. Runs with a result stay as that is.
"""

from django.db import migrations
from django.db.models import Q


def fill(apps, schema_editor):
    del schema_editor
    runs = apps.get_model("benchruns", "Run").objects.filter(visibility="", result=None)
    for host in apps.get_model("benchruns", "Host").objects.exclude(default_visibility=""):
        there = Q(host=host) | Q(host=None, wanted_host=host)
        runs.filter(there, team=host.team_id).update(visibility=host.default_visibility)
    for team in apps.get_model("benchruns", "Team").objects.all():
        runs.filter(team=team).update(visibility=team.default_visibility)


class Migration(migrations.Migration):
    dependencies = [("benchruns", "0009_newest_runs")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]

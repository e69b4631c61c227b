"""A database of an earlier version comes to the next with all that is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import postgres
from benchruns.same import fingerprint, work

ROOT = Path(__file__).parents[2]
MEASUREMENT = {"device": "a-card", "engine": "llama.cpp"}
DOCUMENT = {"points": [{"samples": [{"start_s": 0.0, "end_s": 1.0, "output_tokens": 8}]}]}
VISIBILITY = """
import json, sys
import django; django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

def at(name):
    call_command("migrate", "benchruns", name, verbosity=0)
    state = MigrationExecutor(connection).loader.project_state(("benchruns", name))
    return state.apps.get_model

def rows(model, *columns):
    return list(model("benchruns", "Result").objects.order_by("pk").values_list(*columns))

model = at("0006_host_life")
team, _ = model("benchruns", "Team").objects.get_or_create(slug="this-site")
measurement, document = json.loads(sys.argv[1])
for public in (True, False):
    run = model("benchruns", "Run").objects.create(team=team, plan={})
    model("benchruns", "Result").objects.create(
        run=run, public=public, measurement=measurement, document=document,
        measured_at=timezone.now(),
    )
there = rows(at("0007_visibility_and_trust"), "visibility", "work", "fingerprint")
print(json.dumps([there, rows(at("0006_host_life"), "public")]))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Variables of a site with an empty one."""
    folder = {"DATA_DIR": str(tmp_path)}
    if request.param == "sqlite":
        yield folder | {"DATABASE_URL": ""}
        return
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running() as cluster:
        yield folder | {"DATABASE_URL": cluster.url}


def told(story: str, database: dict[str, str], *given: str) -> Any:
    env = os.environ | database | {"DJANGO_SETTINGS_MODULE": "guide.settings"}
    env.pop("PYTHONDEVMODE", None)
    argv = [sys.executable, "-c", story, *given]
    done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_results_that_were_not_public_stay_with_whoever_asked(database: dict[str, str]) -> None:
    after, back = told(VISIBILITY, database, json.dumps([MEASUREMENT, DOCUMENT]))
    same = [work(MEASUREMENT), fingerprint(DOCUMENT)]
    assert after == [["public", *same], ["private", *same]]
    assert back == [[True], [False]]

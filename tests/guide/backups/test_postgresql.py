"""The same with PostgreSQL, by the commands themselves: from one database into another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from benchmarks import postgres

ROOT = Path(__file__).parents[3]
needs_postgresql = pytest.mark.skipif(
    postgres.binaries() is None, reason="PostgreSQL is not installed (Debian: postgresql)"
)
STORY = """
import sys
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.benchruns.made import Machine, as_sent, document
alice = Machine(); alice.about(alice.claimed(), "result", document=as_sent(document()))
call_command("backup", sys.argv[1])
"""
BACK = """
import sys
import django; django.setup()
from django.core.management import call_command
call_command("restore", sys.argv[1])
from benchruns.models import Host, Result, Run
print(Host.objects.get().name, Run.objects.count(), Result.objects.count())
"""


def does(code: str, file: Path, url: str) -> str:
    ours = {"DATABASE_URL": url, "DATA_DIR": str(file.parent), "ALLOWED_HOSTS": "testserver"}
    env = os.environ | ours | {"DJANGO_SETTINGS_MODULE": "guide.settings"}
    env.pop("PYTHONDEVMODE", None)
    argv = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_postgresql
def test_it_comes_back_whole_in_another_database(tmp_path: Path) -> None:
    with postgres.running() as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as to:
            to.execute("CREATE DATABASE another")
        file = tmp_path / "backup"
        assert "postgresql of RigGuide" in does(STORY, file, cluster.url)
        said = does(BACK, file, cluster.url_of("another"))
    assert said.splitlines()[-1] == "alice 1 1"


@needs_postgresql
def test_it_replaces_a_site_of_a_later_release(tmp_path: Path) -> None:
    """Whose new tables refer to those of the backup."""
    with postgres.running() as cluster:
        file = tmp_path / "backup"
        does(STORY, file, cluster.url)
        with psycopg.connect(cluster.url) as to:
            to.execute("CREATE TABLE benchruns_later (host bigint REFERENCES benchruns_host)")
            to.execute("INSERT INTO benchruns_later SELECT id FROM benchruns_host")
            to.execute("UPDATE benchruns_host SET name = 'bob'")
        said = does(BACK.replace("argv[1]", "argv[1], replace=True"), file, cluster.url)
        with psycopg.connect(cluster.url) as to:
            assert to.execute("SELECT to_regclass('benchruns_later')").fetchone() == (None,)
    assert said.splitlines()[-1] == "alice 1 1"

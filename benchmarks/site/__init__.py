"""The site under load, on SQLite and on PostgreSQL: each in a process with a database of its own.

`hosts`: 50 mock hosts and 1,000 runs over HTTP. `growth`: the same questions with 1,000 and with
100,000 stored results. `live`: watchers of one run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

from benchmarks import postgres
from benchmarks.timing import Timing

DATABASES = ("sqlite", "postgresql")


def run(what: str) -> list[Timing]:
    """On each database that is here; of one that is not it says so."""
    return [timing for database in DATABASES for timing in _on(database, what)]


run_hosts = partial(run, "hosts")
run_growth = partial(run, "growth")


def _on(database: str, what: str) -> list[Timing]:
    if database == "postgresql" and postgres.binaries() is None:
        print(f"{what} on PostgreSQL: not measured, it is not installed", file=sys.stderr)
        return []
    command = [sys.executable, "-m", "benchmarks.site", what, database]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    return [Timing(**row) for row in rows]


run_live = partial(_on, "sqlite", "live")  # news go through the broker: the database hardly counts

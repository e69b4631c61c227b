"""`python -m benchmarks.site hosts|growth|live sqlite|postgresql`: timings, as JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import postgres
from benchmarks.timing import Timing

_OTHERS = {"DATABASE_URL", "REDIS_URL", "PYTHONDEVMODE", "SITE_URL", "PRICES"}


def main(what: str, database: str) -> None:
    with tempfile.TemporaryDirectory(prefix="rigguide-bench-") as folder:
        place = Path(folder)
        if database == "sqlite":
            rows = _measured(what, place)
        else:
            with postgres.running() as cluster:
                rows = _measured(what, place, cluster)
    print(json.dumps([asdict(row) for row in rows]))


def _measured(what: str, place: Path, cluster: postgres.Cluster | None = None) -> list[Timing]:
    for name in _OTHERS:
        os.environ.pop(name, None)
    os.environ |= {
        "DATA_DIR": str(place / "data"),
        "DJANGO_SETTINGS_MODULE": "guide.settings",
        "LOG_LEVEL": "WARNING",
    }
    if cluster:
        os.environ["DATABASE_URL"] = cluster.url
    import django

    django.setup()
    from benchmarks.site import growth, hosts, live  # what they import needs Django to be set up

    if what == "growth":
        return growth.run()
    if what == "live":
        return live.run(place)
    return hosts.run(place, cluster.pid if cluster else None)


if __name__ == "__main__":
    main(*sys.argv[1:])

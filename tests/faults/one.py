"""One story on one database, in a process of its own: Django is set up once, for that database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import postgres
from tests.faults.disk import Disk, mounted

LEASE_S = 6.0
SITE_MIB = {"sqlite": 64, "postgresql": 192}
KILLS = (
    "kill -9 host worker",
    "kill -9 measuring process",
    "kill -9 engine",
    "kill -9 site",
    "kill -9 site worker",
    "kill -9 broker",
    "site restarted",
)
Say = Callable[[str], None]


@contextmanager
def _places(database: str) -> Iterator[tuple[Path, Disk, postgres.Cluster | None]]:
    """A folder, a small disk below it for all that the site keeps, and where wanted PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rigfaults-")))
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        disk = stack.enter_context(mounted(folder / "site", SITE_MIB[database]))
        cluster = None
        if database == "postgresql":
            small = ("max_wal_size=48MB", "min_wal_size=32MB", "shared_buffers=16MB")
            cluster = postgres.Cluster(disk.path / "postgresql", *small)
        yield folder, disk, cluster


def _environment(disk: Disk, cluster: postgres.Cluster | None) -> dict[str, str]:
    named = {"DATABASE_URL", "REDIS_URL", "PYTHONDEVMODE", "SITE_URL", "PORT"}
    clean = {name: value for name, value in os.environ.items() if name not in named}
    ours = {
        "DATA_DIR": str(disk.path),
        "DJANGO_SETTINGS_MODULE": "guide.settings",
        "PYTHONUNBUFFERED": "1",
        "RUN_LEASE_S": f"{LEASE_S:g}",
        "LOG_LEVEL": "WARNING",
    }
    return clean | ours | ({"DATABASE_URL": cluster.url} if cluster else {})


def tell(
    database: str, runs: int, hosts: int, seed: int, say: Say, kinds: tuple[str, ...] = ()
) -> list[str]:
    """What was wrong, in sentences. `kinds`: these faults once each instead of all, at random."""
    with _places(database) as (folder, disk, cluster):
        env = _environment(disk, cluster)
        os.environ.clear()
        os.environ.update(env)
        import django

        django.setup()
        from tests.faults import telling, world  # what they import needs Django to be set up

        with world.made(folder, env, disk, cluster) as made:
            return telling.told(made, runs, hosts, seed, say, kinds)

"""A backup comes back whole, or says why not; nothing is overwritten by accident."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import postgres

ROOT = Path(__file__).parents[3]
FILL = """
import django; django.setup()
from tests.benchruns.made import Machine, as_sent, document
alice = Machine(); alice.about(alice.claimed(), "result", document=as_sent(document()))
"""
COUNT = """
import django; django.setup()
from benchruns.models import Host, Result, Run
print(Host.objects.count(), Run.objects.count(), Result.objects.count(), Host.objects.get().name)
"""
WHOLE = "1 1 1 alice\n"


class Site:
    """A site's commands on a database of its own."""

    def __init__(self, data: Path, url: str = "") -> None:
        clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        self.env = clean | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "guide.settings"}
        self.env |= {"DATABASE_URL": url, "ALLOWED_HOSTS": "testserver"}
        self.env.pop("PYTHONDEVMODE", None)

    def does(self, *words: str) -> str:
        return self._run("manage.py", *words)

    def runs(self, code: str) -> str:
        return self._run("-c", code)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        return done.stdout + done.stderr


def databases() -> list[str]:
    return ["sqlite", "postgresql"] if postgres.binaries() else ["sqlite"]


@pytest.fixture(params=databases(), scope="module")
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Path, Callable[[], Site]]]:
    """A site with one stored result, its backup, and a way to further, empty sites."""
    place = tmp_path_factory.mktemp("site")
    if request.param == "sqlite":
        yield from _made(place, lambda number: "")
        return
    with postgres.running() as cluster:
        yield from _made(place, lambda number: _database(cluster, number))


def _database(cluster: postgres.Cluster, number: int) -> str:
    import psycopg

    with psycopg.connect(cluster.url, autocommit=True) as to:
        to.execute(f"CREATE DATABASE site_{number}")
    return cluster.url.replace("/rigguide", f"/site_{number}")


def _made(
    place: Path, url: Callable[[int], str]
) -> Iterator[tuple[Site, Path, Callable[[], Site]]]:
    numbers = iter(range(100))

    def another() -> Site:
        number = next(numbers)
        return Site(place / f"data-{number}", url(number))

    site = another()
    site.does("migrate", "--verbosity=0")
    site.runs(FILL)
    assert site.runs(COUNT) == WHOLE
    file = place / "backup"
    said = site.does("backup", str(file))
    assert "restored to check" in said, said
    yield site, file, another


def test_it_comes_back_whole_on_another_machine(
    made: tuple[Site, Path, Callable[[], Site]],
) -> None:
    site, file, another = made
    there = another()
    said = there.does("restore", str(file))
    assert said.startswith("restored: RigGuide"), said
    assert there.runs(COUNT) == site.runs(COUNT) == WHOLE


def test_it_loses_nothing_that_is_there_unless_told_to(
    made: tuple[Site, Path, Callable[[], Site]],
) -> None:
    site, file, _ = made
    assert "say --replace to lose it" in site.does("restore", str(file))
    assert site.does("restore", str(file), "--replace").startswith("restored")
    assert site.runs(COUNT) == WHOLE


def test_it_overwrites_no_backup(made: tuple[Site, Path, Callable[[], Site]]) -> None:
    site, file, _ = made
    before = file.read_bytes()
    assert "is there already" in site.does("backup", str(file))
    assert file.read_bytes() == before


def test_only_its_owner_reads_it(made: tuple[Site, Path, Callable[[], Site]]) -> None:
    assert made[1].stat().st_mode & 0o077 == 0


def changed(file: Path, to: Path, **fields: object) -> Path:
    """The same backup that says something else of itself."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            content = stream.read()
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | fields).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return to


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sha256": "0" * 64}, "was damaged"),
        ({"migrations": ["benchruns.9999_of_tomorrow"]}, "made by a later release"),
        ({"format": 2}, "says nothing that this release understands"),
    ],
)
def test_it_says_why_one_is_not_restored(
    made: tuple[Site, Path, Callable[[], Site]],
    tmp_path: Path,
    fields: dict[str, object],
    sentence: str,
) -> None:
    site, file, _ = made
    assert sentence in site.does("restore", str(changed(file, tmp_path / "other", **fields)))
    assert site.runs(COUNT) == WHOLE


def test_it_says_that_a_file_is_no_backup(
    made: tuple[Site, Path, Callable[[], Site]], tmp_path: Path
) -> None:
    file = tmp_path / "letter"
    file.write_text("Dear Alice")
    assert "is no backup of RigGuide" in made[0].does("restore", str(file))


def test_a_backup_of_another_kind_of_database_is_refused(
    made: tuple[Site, Path, Callable[[], Site]], tmp_path: Path
) -> None:
    site, file, another = made
    there = another()
    there.does("migrate", "--verbosity=0")
    other = "sqlite" if site.env["DATABASE_URL"] else "postgresql"
    said = there.does("restore", str(changed(file, tmp_path / "other", vendor=other)))
    assert f"This is a backup of {other}" in said

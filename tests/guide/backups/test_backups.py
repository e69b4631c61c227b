"""A backup comes back whole, or says why not; nothing is overwritten by accident."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from benchruns.models import Host, Result, Run
from tests.benchruns.made import Machine, as_sent, document

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a story of its own"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The backup of a site with one stored result, which then went on."""
    alice = Machine("alice")
    alice.about(alice.claimed(), "result", document=as_sent(document()))
    path = tmp_path / "backup"
    out = io.StringIO()
    call_command("backup", path, stdout=out)
    assert "restored to check" in out.getvalue()
    return path


def counts() -> tuple[int, int, int]:
    return Host.objects.count(), Run.objects.count(), Result.objects.count()


def refusal(file: Path, *words: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("restore", file, *words)
    return str(refused.value)


def test_it_comes_back_whole(file: Path) -> None:
    Machine("bob")  # came after the backup
    call_command("restore", file, "--replace", stdout=io.StringIO())
    assert counts() == (1, 1, 1)
    assert Host.objects.get().name == "alice"


def test_it_loses_nothing_that_is_there_unless_told_to(file: Path) -> None:
    Machine("bob")
    assert "say --replace to lose it" in refusal(file)
    assert counts() == (2, 1, 1)


def test_it_overwrites_no_backup(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", file)
    assert file.read_bytes() == before


def test_only_its_owner_reads_it(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0


def changed(file: Path, **fields: object) -> Path:
    """The same backup that says something else of itself."""
    to = file.with_name("other")
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
        ({"vendor": "postgresql"}, "This is a backup of postgresql"),
    ],
)
def test_it_says_why_one_is_not_restored(
    file: Path, fields: dict[str, object], sentence: str
) -> None:
    Machine("bob")
    assert sentence in refusal(changed(file, **fields), "--replace")
    assert counts() == (2, 1, 1)


def test_it_says_that_a_file_is_no_backup(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("Dear Alice")
    assert "is no backup of RigGuide" in refusal(letter)
